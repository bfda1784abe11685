package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dialtide/dialtide/lists"
)

// Limits of a file.
const (
	MaxRow     = 1 << 20
	MaxField   = 64 << 10
	MaxColumns = 500
	maxName    = 200 // characters of a contact's name
)

// Reasons for which a row is rejected, besides those of the number and of duplicates.
const (
	RowBroken    = "row_broken"     // quotes that do not fit, or more columns than the header
	RowEncoding  = "row_encoding"   // bytes that are no text
	FieldTooLong = "field_too_long" // more than MaxField bytes
)

var (
	phoneNames = []string{"phone", "phone number", "phone_number", "phonenumber", "mobile", "mobile phone", "mobile number", "mobile_number", "number", "tel",
		"telephone", "cell", "msisdn", "电话", "手机", "手机号", "手机号码", "电话号码", "号码", "联系电话", "联系方式", "移动电话"}
	nameNames = []string{"name", "full name", "full_name", "fullname", "contact", "contact name", "contact_name", "customer", "customer name", "customer_name",
		"姓名", "名字", "名称", "客户", "客户姓名", "联系人", "联系人姓名"}
)

// budget lets a row use a bounded number of bytes only, so that a quote that is never closed does not read a whole file
// into memory.
type budget struct {
	r    io.Reader
	left int
}

var errRowTooLong = errors.New("row too long")

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// row is one line of the file after the header.
type row struct {
	no      int64
	contact lists.NewContact
	reject  *lists.Reject
}

// sheet reads rows.
type sheet struct {
	csv       *csv.Reader
	budget    *budget
	region    string
	columns   []string // names for fields; "" for the phone and name columns
	phone     int
	name      int // -1: none
	no        int64
	delimiter rune
}

// open reads the header.
func open(text io.Reader, region string) (*sheet, error) {
	b := &budget{r: text, left: MaxRow}
	head, err := peekLine(b)
	if err != nil {
		return nil, err
	}
	s := &sheet{budget: b, region: region, delimiter: delimiter(head), no: 1}
	s.csv = csv.NewReader(io.MultiReader(strings.NewReader(head), b))
	s.csv.Comma, s.csv.FieldsPerRecord, s.csv.ReuseRecord = s.delimiter, -1, true
	b.left = MaxRow
	header, err := s.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, &FileError{FileEmpty, "the file is empty"}
	case errors.Is(err, errRowTooLong):
		return nil, tooLong(1)
	case err != nil:
		return nil, fileError(err, "the header line cannot be read: ")
	}
	return s, s.header(header)
}

func tooLong(no int64) error {
	return &FileError{FileRowLong, fmt.Sprintf("row %d is longer than 1 MiB: is a quote not closed?", no)}
}

func fileError(err error, what string) error {
	var f *FileError
	if errors.As(err, &f) {
		return f
	}
	return &FileError{FileNotRead, what + err.Error()}
}

// peekLine takes the first line off, to look for the delimiter in it.
func peekLine(r io.Reader) (string, error) {
	var line []byte
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		line = append(line, buf[:n]...)
		switch {
		case slices.Contains(buf[:n], '\n') || errors.Is(err, io.EOF):
			return string(line), nil
		case errors.Is(err, errRowTooLong):
			return "", tooLong(1)
		case err != nil:
			return "", fileError(err, "the file could not be read: ")
		}
	}
}

// delimiter is what stands most often outside quotes in the first line.
func delimiter(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	counts := map[rune]int{}
	quoted := false
	for _, r := range line {
		switch r {
		case '"':
			quoted = !quoted
		case ',', ';', '\t':
			if !quoted {
				counts[r]++
			}
		}
	}
	best := ','
	for _, r := range []rune{';', '\t'} {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}

// header finds out what the columns are.
func (s *sheet) header(names []string) error {
	if len(names) > MaxColumns {
		return &FileError{FileColumns, fmt.Sprintf("the file has %d columns, at most %d are allowed", len(names), MaxColumns)}
	}
	s.phone, s.name = find(names, phoneNames), find(names, nameNames)
	if s.phone < 0 {
		shown := lists.CleanText(strings.Join(names[:min(len(names), 20)], ", "), 200)
		return &FileError{FileNoPhone, "the first line must name the columns, one of them phone, mobile, number, 电话 or 手机; found: " + shown}
	}
	s.columns = make([]string, len(names))
	seen := map[string]bool{}
	for i, n := range names {
		if i == s.phone || i == s.name {
			continue
		}
		if n = lists.CleanText(n, 60); n == "" {
			n = fmt.Sprintf("column_%d", i+1)
		}
		for base, k := n, 2; seen[n]; k++ {
			n = fmt.Sprintf("%s_%d", base, k)
		}
		seen[n] = true
		s.columns[i] = n
	}
	return nil
}

// find returns the first column whose name is one of the known ones, in the order of known.
func find(names, known []string) int {
	for _, k := range known {
		for i, n := range names {
			if strings.EqualFold(lists.CleanText(n, 60), k) {
				return i
			}
		}
	}
	return -1
}

// next returns the next row, io.EOF at the end, or a *FileError when reading cannot go on.
func (s *sheet) next() (row, error) {
	s.budget.left = MaxRow
	record, err := s.csv.Read()
	if errors.Is(err, io.EOF) {
		return row{}, io.EOF
	}
	s.no++
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken):
		where := fmt.Sprintf("line %d: %v", broken.Line, broken.Err)
		if broken.StartLine != broken.Line {
			where = fmt.Sprintf("lines %d to %d: %v", broken.StartLine, broken.Line, broken.Err)
		}
		return s.refused("", where, RowBroken), nil
	case errors.Is(err, errRowTooLong):
		return row{}, tooLong(s.no)
	case err != nil:
		return row{}, fileError(err, fmt.Sprintf("row %d cannot be read: ", s.no))
	case len(record) > len(s.columns):
		return s.refused("", fmt.Sprintf("%d columns, the header has %d", len(record), len(s.columns)), RowBroken), nil
	}
	return s.contact(record), nil
}

func (s *sheet) refused(field, value, reason string) row {
	return row{no: s.no, reject: &lists.Reject{Row: s.no, Field: field, Value: kept(value, 200), Reason: reason}}
}

// label names a column in a report.
func (s *sheet) label(i int) string {
	switch i {
	case s.phone:
		return "phone"
	case s.name:
		return "name"
	}
	return s.columns[i]
}

// kept is CleanText in memory of its own, so that what is kept of a row does not keep the whole row.
func kept(value string, max int) string { return strings.Clone(lists.CleanText(value, max)) }

// contact turns a record into a contact, or into a reject.
func (s *sheet) contact(record []string) row {
	c := lists.NewContact{Fields: map[string]string{}}
	for i, v := range record {
		switch {
		case len(v) > MaxField:
			return s.refused(s.label(i), v[:1000], FieldTooLong)
		case !utf8.ValidString(v) || strings.ContainsRune(v, utf8.RuneError):
			return s.refused(s.label(i), v, RowEncoding)
		case i == s.name:
			c.Name = kept(v, maxName)
		}
	}
	raw := ""
	if s.phone < len(record) {
		raw = record[s.phone]
	}
	number, reason := lists.ParseNumber(raw, s.region)
	if reason != "" {
		return s.refused("phone", raw, reason)
	}
	c.Number = number
	for i, v := range record {
		if i == s.phone || i == s.name {
			continue
		}
		if v = kept(v, MaxField); v != "" {
			c.Fields[s.columns[i]] = v
		}
	}
	return row{no: s.no, contact: c}
}
