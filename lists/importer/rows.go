package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
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
type rowError struct {
	reason, what string
	cells        []string // the row cut at its delimiters, for who mends it; nil: too long
}

func (e *rowError) Error() string { return e.reason + ": " + e.what }

// records gives the rows of a file. read returns the cells of the next row, which are valid until the one after; io.EOF at the
// end, a *rowError for a row that cannot be read, a *FileError when nothing more can.
type records interface {
	read() ([]string, error)
}

// csvRecords reads text whose columns are parted by a delimiter. Lines that are rows by themselves are cut here, which is most of
// a file; what has line breaks or quotes inside of quotes, or is wrong, is for the library (see quotes.go).
type csvRecords struct {
	in        *bufio.Reader
	delimiter rune
	no        int64
	lines     int // that were passed
	cells     []string
	quoted    quotedRows
}

// readAhead is as much of the text as is usually held.
const readAhead = 64 << 10

func openCSV(text io.Reader, wanted string) (*csvRecords, error) {
	head, err := peekLine(text)
	if err != nil {
		return nil, err
	}
	s := &csvRecords{delimiter: delimiter(head)}
	if wanted != "" {
		s.delimiter = rune(wanted[0])
	}
	if len(head) > MaxRow && strings.IndexByte(head, '\n') < 0 {
		if n := strings.Count(head, string(s.delimiter)); n >= MaxColumns {
			return nil, &FileError{FileColumns, fmt.Sprintf("the file has %d columns or more, at most %d are allowed: leave out those that nobody needs", n, MaxColumns)}
		}
		return nil, tooLong(1)
	}
	s.in = bufio.NewReaderSize(io.MultiReader(strings.NewReader(head), text), readAhead)
	s.quoted.open(s.delimiter)
	return s, nil
}

func (s *csvRecords) read() ([]string, error) {
	if record := s.line(); record != nil {
		s.no++
		return record, nil
	}
	return s.several()
}

// line takes the next line that is not empty off the buffer when it is a row by itself, and cuts it. nil: it is for the library.
func (s *csvRecords) line() []string {
	for {
		ahead, _ := s.in.Peek(s.in.Buffered()) // what is buffered is there
		n := bytes.IndexByte(ahead, '\n')
		if n < 0 {
			ahead, _ = s.in.Peek(len(ahead) + 1) // an error shows again at the library's read
			if ahead, _ = s.in.Peek(s.in.Buffered()); len(ahead) == 0 {
				return nil
			}
			if n = bytes.IndexByte(ahead, '\n'); n < 0 {
				return nil
			}
		}
		end := n
		if end > 0 && ahead[end-1] == '\r' {
			end--
		}
		if end > 0 && !s.split(ahead[:end]) {
			return nil
		}
		if _, err := s.in.Discard(n + 1); err != nil { // it is buffered
			return nil
		}
		s.lines++
		if end > 0 {
			return s.cells
		}
	}
}

// split cuts a line at its delimiters; false: its quotes are not of the simple kind.
func (s *csvRecords) split(line []byte) bool {
	cells, text, comma := s.cells[:0], string(line), byte(s.delimiter)
	quote := strings.IndexByte(text, '"')
	if quote < 0 {
		quote = len(text)
	}
	for at := 0; ; {
		if quote == at && at < len(text) {
			n := strings.IndexByte(text[at+1:], '"')
			if n < 0 {
				return false
			}
			cells = append(cells, text[at+1:at+1+n])
			at += n + 2
			if quote = strings.IndexByte(text[at:], '"'); quote < 0 {
				quote = len(text)
			} else {
				quote += at
			}
			if at == len(text) {
				break
			}
			if text[at] != comma {
				return false
			}
			at++
			continue
		}
		n := strings.IndexByte(text[at:], comma)
		if n < 0 {
			n = len(text) - at
		}
		if quote < at+n {
			return false
		}
		cells = append(cells, text[at:at+n])
		if at += n; at == len(text) {
			break
		}
		at++
	}
	s.cells = cells
	return true
}

func tooLong(no int64) error {
	return &FileError{FileRowLong, fmt.Sprintf("row %d is longer than 1 MiB: close its quote, or see that rows end with line breaks", no)}
}

func fileError(err error, what string) error {
	var f *FileError
	if errors.As(err, &f) {
		return f
	}
	return &FileError{FileNotRead, what + err.Error()}
}

// peekLine takes the first line off, to look for the delimiter in it; of one that is too long its beginning.
func peekLine(r io.Reader) (string, error) {
	var line []byte
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		line = append(line, buf[:n]...)
		switch {
		case bytes.IndexByte(buf[:n], '\n') >= 0 || errors.Is(err, io.EOF) || len(line) > MaxRow:
			return string(line), nil
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
