package importer

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dialtide/dialtide/lists"
)

// ConsentFile says how a file of consents is read, and what holds for the rows that do not say so themselves.
type ConsentFile struct {
	Region  string // of numbers without a country code, and of how dates are written
	Purpose string
	Source  string
	// Evidence is where the proof of all of them is, for rows without one of their own.
	Evidence string
	GivenAt  time.Time // for rows without a day; zero: such rows are rejected
	Until    *time.Time
	// Header is told the first row before any other; nil: nobody asks.
	Header func([]string)
}

// ConsentRow is a row of a file of consents: a consent, or what is wrong with it.
type ConsentRow struct {
	Row     int64 // 1 is the header
	Consent lists.Consent
	Reject  *lists.Reject
	cells   []string // until the next row
}

// Refuse is the row as one that is rejected because of what its consent says.
func (r *ConsentRow) Refuse(field, why string) lists.Reject {
	return lists.Reject{Row: r.Row, Field: field, Value: kept(why, 200), Reason: ConsentIncorrect, Record: copied(r.cells)}
}

// Columns of a file of consents.
const (
	consentPhone    = "phone"
	consentPerson   = "person"
	consentPurpose  = "purpose"
	consentEvidence = "evidence"
	consentSHA256   = "evidence_sha256"
	consentSource   = "source"
	consentGiven    = "given_at"
	consentUntil    = "until"
)

// consentHeaders are the names by which columns are known, besides those of numbers in list files.
var consentHeaders = map[string]string{
	"person": consentPerson, "key": consentPerson, "customerid": consentPerson, "customer": consentPerson, "id": consentPerson, "客户编号": consentPerson, "编号": consentPerson,
	"purpose": consentPurpose, "用途": consentPurpose, "目的": consentPurpose,
	"evidence": consentEvidence, "proof": consentEvidence, "证据": consentEvidence, "凭证": consentEvidence,
	"evidencesha256": consentSHA256, "sha256": consentSHA256,
	"source": consentSource, "来源": consentSource, "渠道": consentSource,
	"givenat": consentGiven, "given": consentGiven, "date": consentGiven, "consentdate": consentGiven, "同意时间": consentGiven, "同意日期": consentGiven, "日期": consentGiven,
	"until": consentUntil, "expires": consentUntil, "expiry": consentUntil, "有效期至": consentUntil, "到期日": consentUntil,
}

// Reasons for which a row of a file of consents is rejected, besides those of rows and numbers.
const (
	NotADay          = "not_a_date"
	ConsentIncorrect = "consent_invalid" // the value says what is wrong
)

// ReadConsents gives the rows of a file of consents to each, in bounded memory: CSV or TSV in any encoding that a list file may have,
// or a workbook, whose first row names the columns. A row that is wrong is given with its reject. Errors: each's, *FileError,
// *lists.InputError (region).
func ReadConsents(r io.Reader, f ConsentFile, each func(ConsentRow) error) error {
	if !lists.KnownRegion(f.Region) {
		return &lists.InputError{Field: "region", Reason: "must be a country code like US or CN"}
	}
	s := &sheet{}
	if err := s.openRecords(r, Plan{}); err != nil {
		return err
	}
	header, err := s.records.read()
	switch {
	case errors.Is(err, io.EOF):
		return &FileError{FileEmpty, "the file is empty: export the list again"}
	case err != nil:
		return fileError(err, "the first row cannot be read: ")
	case len(header) > MaxColumns:
		return &FileError{FileColumns, fmt.Sprintf("the file has %d columns, at most %d are allowed: leave out those that nobody needs", len(header), MaxColumns)}
	}
	w := &consentReader{file: f, numbers: lists.NewNumberReader(f.Region), order: dateOrder(f.Region)}
	if err := w.columnsOf(header); err != nil {
		return err
	}
	if f.Header != nil {
		f.Header(copied(header))
	}
	for no := int64(2); ; no++ {
		cells, err := s.records.read()
		var broken *rowError
		row := ConsentRow{Row: no}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			row.Reject = &lists.Reject{Row: no, Value: kept(broken.what, 200), Reason: broken.reason, Record: copied(broken.cells)}
		case err != nil:
			return err
		case blank(cells):
			continue
		default:
			row.cells = cells
			w.row(&row, cells)
		}
		if err := each(row); err != nil {
			return err
		}
	}
}

// dateOrder is how a country writes day and month.
func dateOrder(region string) string {
	switch region {
	case "US":
		return "mdy"
	case "CN", "JP", "KR", "TW", "HU", "LT":
		return "ymd"
	}
	return "dmy"
}

type consentReader struct {
	file    ConsentFile
	numbers *lists.NumberReader
	order   string
	columns map[string]int
}

func (w *consentReader) columnsOf(header []string) error {
	w.columns = map[string]int{}
	for i, h := range header {
		word := strings.NewReplacer("_", "", "-", "", " ", "").Replace(headerWord(h))
		name, ok := consentHeaders[word]
		if c, phone := byName[headerWord(h)]; !ok && phone && c.As == AsPhone {
			name, ok = consentPhone, true
		}
		if _, twice := w.columns[name]; ok && !twice {
			w.columns[name] = i
		}
	}
	_, phone := w.columns[consentPhone]
	_, person := w.columns[consentPerson]
	if !phone && !person {
		shown := lists.CleanText(strings.Join(header[:min(len(header), 20)], ", "), 200)
		return &FileError{FileNoPhone, "no column holds telephone numbers or customers' ids; name one of them phone, mobile, 电话, 手机 or key in the first row; found: " + shown}
	}
	return nil
}

// cell is a column of the row, "" where there is none.
func (w *consentReader) cell(cells []string, name string) string {
	if i, ok := w.columns[name]; ok && i < len(cells) {
		return clean(cells[i], 4000)
	}
	return ""
}

func (w *consentReader) row(row *ConsentRow, cells []string) {
	refuse := func(field, value, reason string) {
		row.Reject = &lists.Reject{Row: row.Row, Field: field, Value: kept(value, 200), Reason: reason, Record: copied(cells)}
	}
	for i, v := range cells {
		if len(v) > MaxField {
			refuse(fmt.Sprintf("column_%d", i+1), v[:1000], FieldTooLong)
			return
		}
	}
	c := &row.Consent
	c.Person, c.Purpose, c.Source, c.Evidence = w.cell(cells, consentPerson), w.cell(cells, consentPurpose), w.cell(cells, consentSource), w.cell(cells, consentEvidence)
	c.EvidenceSHA256, c.GivenAt, c.Until = w.cell(cells, consentSHA256), w.file.GivenAt, w.file.Until
	if c.Purpose == "" {
		c.Purpose = w.file.Purpose
	}
	if c.Source == "" {
		c.Source = w.file.Source
	}
	if c.Evidence == "" && c.EvidenceSHA256 == "" {
		c.Evidence = w.file.Evidence
	}
	if raw := w.cell(cells, consentPhone); raw != "" {
		text, reason := mendNumber(raw)
		var n lists.Number
		if reason == "" {
			n, reason = w.numbers.Parse(text)
		}
		if reason != "" {
			refuse(consentPhone, raw, reason)
			return
		}
		c.Phone = n.E164
	} else if c.Person == "" {
		refuse(consentPhone, "", lists.PhoneMissing)
		return
	}
	for _, name := range []string{consentGiven, consentUntil} {
		raw := w.cell(cells, name)
		if raw == "" {
			continue
		}
		at, ok := w.moment(raw)
		switch {
		case !ok:
			refuse(name, raw, NotADay)
			return
		case name == consentGiven:
			c.GivenAt = at
		default:
			c.Until = &at
		}
	}
}

// moment reads a moment, or a day as its beginning in UTC.
func (w *consentReader) moment(raw string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006/01/02 15:04:05", "2006/01/02 15:04"} {
		if at, err := time.Parse(layout, raw); err == nil {
			return at.UTC(), true
		}
	}
	day, ok := dateValue(raw, w.order)
	if !ok {
		return time.Time{}, false
	}
	at, err := time.Parse(time.DateOnly, day)
	return at, err == nil
}

// ConsentColumns are the columns that a file of consents may have.
func ConsentColumns() []string {
	return slices.Clone([]string{consentPhone, consentPerson, consentPurpose, consentEvidence, consentSHA256, consentSource, consentGiven, consentUntil})
}
