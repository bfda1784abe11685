package importer

import (
	"errors"
	"io"

	"github.com/dialtide/dialtide/lists"
)

const previewRows = 20

// Inspection is what a file looks like, before anything of it is stored.
type Inspection struct {
	Encoding  string    `json:"encoding" doc:"UTF-8, UTF-16LE, UTF-16BE, GB18030 (which contains GBK and GB2312), Big5 or XLSX"`
	Delimiter string    `json:"delimiter" doc:"empty: a workbook"`
	Sheets    []string  `json:"sheets" nullable:"false" doc:"of a workbook"`
	Sheet     string    `json:"sheet" doc:"the one that is read"`
	Header    bool      `json:"header" doc:"whether the first row names the columns"`
	Columns   []Column  `json:"columns" nullable:"false" doc:"what each column would be read as"`
	Rows      []Preview `json:"rows" nullable:"false" doc:"the first 20 rows as they would be stored"`
	Template  string    `json:"template,omitempty" doc:"name of the template that fits the columns"`
}

// Preview is a row as it would be stored, or why it would not.
type Preview struct {
	Row      int64             `json:"row" doc:"1 is the header"`
	Record   []string          `json:"record" nullable:"false" doc:"the cells as they are in the file"`
	Phone    string            `json:"phone" doc:"E.164; empty: the row would be rejected"`
	Kind     string            `json:"kind" doc:"mobile, fixed, or empty where the numbering plan does not tell"`
	Region   string            `json:"region"`
	Zones    []string          `json:"zones" nullable:"false"`
	Carrier  string            `json:"carrier"`
	Name     string            `json:"name"`
	Key      string            `json:"key"`
	Priority int               `json:"priority"`
	Tags     []string          `json:"tags" nullable:"false"`
	Phones   []PreviewPhone    `json:"phones" nullable:"false" doc:"further numbers"`
	Fields   map[string]string `json:"fields"`
	Field    string            `json:"field" doc:"of a row that would be rejected: where it is wrong"`
	Reason   string            `json:"reason" doc:"of a row that would be rejected"`
	Value    string            `json:"value" doc:"of a row that would be rejected: the value that is wrong, or what is wrong with the row"`
}

// PreviewPhone is a further number of a row.
type PreviewPhone struct {
	Phone string `json:"phone"`
	Kind  string `json:"kind"`
	Label string `json:"label"`
}

// Inspect says what a file looks like and how it would be read by a plan; the zero plan: as it looks. A file in which no column
// holds numbers is inspected, too: somebody may choose one. Errors: *FileError, *lists.InputError.
func Inspect(r io.Reader, plan Plan, region string) (Inspection, error) {
	if err := plan.Check(); err != nil {
		return Inspection{}, err
	}
	if !lists.KnownRegion(region) {
		return Inspection{}, &lists.InputError{Field: "region", Reason: "must be a country code like US or CN"}
	}
	s, err := (&sheet{keep: true, looking: true}).open(r, plan, region)
	var file *FileError
	noPhone := errors.As(err, &file) && file.Code == FileNoPhone
	if err != nil && !noPhone {
		return Inspection{}, err
	}
	out := Inspection{Sheets: s.sheets, Sheet: s.sheet, Header: s.named, Columns: s.columns, Rows: []Preview{}}
	if out.Sheets == nil {
		out.Sheets = []string{}
	}
	out.Encoding, out.Delimiter = s.shape()
	for i := range out.Columns {
		out.Columns[i].Header = lists.CleanText(out.Columns[i].Header, 200)
	}
	for len(out.Rows) < previewRows {
		p, err := s.preview(noPhone)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Inspection{}, err
		}
		out.Rows = append(out.Rows, p)
	}
	return out, nil
}

// preview reads a row to be shown.
func (s *sheet) preview(noPhone bool) (Preview, error) {
	if noPhone {
		cells, err := s.read()
		var broken *rowError
		if err != nil && !errors.As(err, &broken) {
			return Preview{}, err
		}
		s.no++
		return Preview{Row: s.no, Record: shown(cells), Zones: []string{}, Tags: []string{}, Phones: []PreviewPhone{}, Field: "phone", Reason: lists.PhoneMissing}, nil
	}
	var x row
	if err := s.next(&x); err != nil {
		return Preview{}, err
	}
	p := Preview{Row: x.no, Record: shown(x.cells), Zones: []string{}, Tags: []string{}, Phones: []PreviewPhone{}}
	if x.reject != nil {
		p.Record, p.Field, p.Reason, p.Value = shown(x.reject.Record), x.reject.Field, x.reject.Reason, x.reject.Value
		return p, nil
	}
	c := x.contact
	p.Phone, p.Kind, p.Region, p.Carrier, p.Name, p.Key, p.Priority = c.Number.E164, c.Number.Kind.String(), c.Number.Region, c.Number.Carrier, c.Name, c.Key, c.Priority
	p.Zones = append(p.Zones, c.Number.Zones...)
	p.Tags = append(p.Tags, c.Tags...)
	for _, n := range c.Phones {
		p.Phones = append(p.Phones, PreviewPhone{n.Number.E164, n.Number.Kind.String(), n.Label})
	}
	p.Fields = fieldsOf(c.JSON)
	return p, nil
}

// shown are cells for a page: clean and not too long.
func shown(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = lists.CleanText(c, 200)
	}
	return out
}
