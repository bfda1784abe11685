package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
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

// rowError is what is wrong with one row; the next one can be read.
type rowError struct{ reason, what string }

func (e *rowError) Error() string { return e.reason + ": " + e.what }

// records gives the rows of a file. read returns the cells of the next row, which are valid until the one after; io.EOF at the
// end, a *rowError for a row that cannot be read, a *FileError when nothing more can.
type records interface {
	read() ([]string, error)
}

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

// csvRecords reads text whose columns are parted by a delimiter.
type csvRecords struct {
	csv       *csv.Reader
	budget    *budget
	delimiter rune
	no        int64
}

func openCSV(text io.Reader, wanted string) (*csvRecords, error) {
	b := &budget{r: text, left: MaxRow}
	head, err := peekLine(b)
	if err != nil {
		return nil, err
	}
	s := &csvRecords{budget: b, delimiter: delimiter(head)}
	if wanted != "" {
		s.delimiter = rune(wanted[0])
	}
	s.csv = csv.NewReader(io.MultiReader(strings.NewReader(head), b))
	s.csv.Comma, s.csv.FieldsPerRecord, s.csv.ReuseRecord = s.delimiter, -1, true
	return s, nil
}

func (s *csvRecords) read() ([]string, error) {
	s.budget.left = MaxRow
	record, err := s.csv.Read()
	if err == nil {
		s.no++
		return record, nil
	}
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	s.no++
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken):
		where := fmt.Sprintf("line %d: %v", broken.Line, broken.Err)
		if broken.StartLine != broken.Line {
			where = fmt.Sprintf("lines %d to %d: %v", broken.StartLine, broken.Line, broken.Err)
		}
		return nil, &rowError{RowBroken, where}
	case errors.Is(err, errRowTooLong):
		return nil, tooLong(s.no)
	}
	return nil, fileError(err, fmt.Sprintf("row %d cannot be read: ", s.no))
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
		case ',', ';', '\t', '|':
			if !quoted {
				counts[r]++
			}
		}
	}
	best := ','
	for _, r := range []rune{';', '\t', '|'} {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}
