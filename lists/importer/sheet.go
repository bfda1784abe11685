package importer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/dialtide/dialtide/lists"
)

// samples is how many rows are looked at to guess what the columns are.
const samples = 200

// mostKept is how many cells a rejected row keeps, for who mends it.
const mostKept = 4 * MaxColumns

// cellSize is what a cell takes in memory besides its text.
const cellSize = 16

// row is one line of the file after the header.
type row struct {
	no      int64 // 1 is the header, also where there is none
	contact lists.NewContact
	reject  *lists.Reject
	size    int // bytes that it keeps in memory
	cells   []string
}

// sheet reads the rows of a file as a plan says.
type sheet struct {
	records  records
	text     io.Reader // of a text file
	encoding string
	sheets   []string // of a workbook
	sheet    string
	sample   []sampled // rows that were read to guess
	next_    int

	header  []string
	named   bool // the file has a header
	columns []Column
	layout  *layout
	no      int64
	keep    bool // rows keep their cells
	looking bool // nobody wants more than the first rows
}

type sampled struct {
	cells []string
	err   error
}

// open looks at the beginning of a file and fits the plan to it.
func open(r io.Reader, plan Plan, region string) (*sheet, error) {
	return (&sheet{keep: true}).open(r, plan, region)
}

func (s *sheet) open(r io.Reader, plan Plan, region string) (*sheet, error) {
	if err := s.openRecords(r, plan); err != nil {
		return nil, err
	}
	if err := s.look(); err != nil {
		return nil, err
	}
	rows := s.rowsSeen()
	if len(rows) == 0 {
		return nil, &FileError{FileEmpty, "the file is empty: export the list again"}
	}
	first := rows[0]
	if len(first) > MaxColumns {
		return nil, &FileError{FileColumns, fmt.Sprintf("the file has %d columns, at most %d are allowed: leave out those that nobody needs", len(first), MaxColumns)}
	}
	s.named = plan.Header == "yes" || plan.Header == "" && looksLikeHeader(first, rows[1:], region)
	if s.named {
		s.header, s.sample = first, slices.DeleteFunc(s.sample, func(x sampled) bool { return x.cells != nil && &x.cells[0] == &first[0] })
		rows = rows[1:]
	} else {
		width := 0
		for _, r := range rows {
			width = max(width, len(r))
		}
		if width > MaxColumns {
			return nil, &FileError{FileColumns, fmt.Sprintf("the file has %d columns, at most %d are allowed: leave out those that nobody needs", width, MaxColumns)}
		}
		s.header = make([]string, width)
		for i := range s.header {
			s.header[i] = fmt.Sprintf("column_%d", i+1)
		}
	}
	s.no = 1
	var err error
	if len(plan.Columns) > 0 {
		s.columns, err = plan.columnsOf(s.header, s.named)
	} else {
		s.columns = guessColumns(s.header, s.named, rows, region)
	}
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(s.columns, func(c Column) bool { return c.As == AsPhone }) {
		shown := lists.CleanText(strings.Join(s.header[:min(len(s.header), 20)], ", "), 200)
		return s, &FileError{FileNoPhone, "no column holds telephone numbers; name one of them phone, mobile, 电话 or 手机, or choose it; found: " + shown}
	}
	s.layout = newLayout(s.columns, region)
	s.layout.lenient = len(plan.Columns) == 0
	return s, nil
}

// openRecords finds out what kind of file it is.
func (s *sheet) openRecords(r io.Reader, plan Plan) error {
	if f, ok := r.(interface {
		io.ReaderAt
		io.Reader
	}); ok {
		size, err := sizeOf(f)
		if err != nil {
			return &FileError{FileNotRead, "the file could not be read: " + err.Error()}
		}
		var magic [4]byte
		if n, _ := f.ReadAt(magic[:], 0); n == 4 && string(magic[:]) == "PK\x03\x04" && size > 0 {
			x, err := openXLSX(f, size, plan.Sheet)
			if err != nil {
				return err
			}
			if s.looking {
				x.packed.limit = lookLimit
			}
			s.records, s.sheets, s.sheet, s.encoding = x, x.names, x.name, "XLSX"
			return nil
		}
	}
	text, encoding, err := decoded(r, plan.Encoding)
	if err != nil {
		return err
	}
	s.text, s.encoding = text, encoding
	s.records, err = openCSV(text, plan.Delimiter)
	return err
}

// sizeOf is the size of a file, 0 when it is not known.
func sizeOf(r io.ReaderAt) (int64, error) {
	switch f := r.(type) {
	case interface{ Stat() (os.FileInfo, error) }:
		info, err := f.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return 0, err
		}
		return info.Size(), nil
	case interface{ Size() int64 }:
		return f.Size(), nil
	}
	return 0, nil
}

// shape is the encoding and the delimiter; the encoding of a file that began with plain ASCII may be known only later.
func (s *sheet) shape() (encoding, delimiter string) {
	if c, ok := s.records.(*csvRecords); ok {
		delimiter = string(c.delimiter)
	}
	if a, ok := s.text.(*asciiFirst); ok {
		return a.name, delimiter
	}
	return s.encoding, delimiter
}

// look reads the first rows.
func (s *sheet) look() error {
	for size := 0; len(s.sample) < samples && size < MaxRow; {
		cells, err := s.records.read()
		var broken *rowError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
		case err != nil:
			s.sample = append(s.sample, sampled{err: err})
			if len(s.sample) == 1 {
				return err
			}
			return nil // told when the rows before it are through
		}
		for _, c := range cells {
			size += len(c) + cellSize // empty ones fill the memory, too
		}
		s.sample = append(s.sample, sampled{slices.Clone(cells), err})
	}
	return nil
}

func (s *sheet) rowsSeen() (rows [][]string) {
	for _, x := range s.sample {
		if x.err == nil && len(x.cells) > 0 {
			rows = append(rows, x.cells)
		}
	}
	return rows
}

// read gives the next row of the file, from the sample first.
func (s *sheet) read() ([]string, error) {
	if s.next_ < len(s.sample) {
		x := s.sample[s.next_]
		s.sample[s.next_] = sampled{}
		s.next_++
		return x.cells, x.err
	}
	return s.records.read()
}

// skip passes a row over.
func (s *sheet) skip() error {
	_, err := s.read()
	var broken *rowError
	if err != nil && !errors.As(err, &broken) {
		return err
	}
	s.no++
	return nil
}

// next returns the next row, io.EOF at the end, or a *FileError when reading cannot go on.
func (s *sheet) next(x *row) error {
	cells, err := s.read()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	s.no++
	*x = row{no: s.no}
	var broken *rowError
	switch {
	case errors.As(err, &broken):
		x.reject = &lists.Reject{Row: s.no, Value: kept(broken.what, 200), Reason: broken.reason, Record: copied(broken.cells)}
		return nil
	case err != nil:
		return err
	case len(cells) > len(s.columns) && !blank(cells[len(s.columns):]):
		what := fmt.Sprintf("%d columns, the header has %d", len(cells), len(s.columns))
		x.reject = &lists.Reject{Row: s.no, Value: what, Reason: RowBroken, Record: copied(cells)}
		return nil
	}
	wide := len(cells) > len(s.columns)
	cells = cells[:min(len(cells), len(s.columns))]
	s.layout.contact(x, cells)
	switch {
	case x.reject != nil:
		x.reject.Record = copied(cells)
	case s.keep && wide: // without the blank rest of the line
		x.cells = copied(cells)
	case s.keep:
		x.cells = slices.Clone(cells)
	default:
		x.cells = cells // until the next row
	}
	return nil
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// copied is a row in memory of its own, unless it is very long or has very many cells.
func copied(cells []string) []string {
	n := 0
	for _, c := range cells {
		n += len(c)
	}
	if n > MaxField || len(cells) > mostKept {
		return nil
	}
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.Clone(c)
	}
	return out
}

// kept is CleanText in memory of its own, so that what is kept of a row does not keep the whole row.
func kept(value string, max int) string { return strings.Clone(lists.CleanText(value, max)) }
