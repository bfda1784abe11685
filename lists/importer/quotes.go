package importer

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// quotedRows gives the library one row at a time.
type quotedRows struct {
	text bytes.Reader
	in   *bufio.Reader
	csv  *csv.Reader
}

func (q *quotedRows) open(delimiter rune) {
	q.in = bufio.NewReaderSize(&q.text, 4096) // as large as the library wants it, which then takes it as its own
	q.csv = csv.NewReader(q.in)
	q.csv.Comma, q.csv.FieldsPerRecord, q.csv.ReuseRecord = delimiter, -1, true
}

func (q *quotedRows) read(row []byte) ([]string, error) {
	q.text.Reset(row)
	q.in.Reset(&q.text)
	return q.csv.Read()
}

// several reads a row that may have several lines. One whose quotes do not fit is its first line only: the lines behind it are read
// by themselves, so that a quote that is never closed takes nothing with it.
func (s *csvRecords) several() ([]string, error) {
	row, open, err := s.ahead()
	switch {
	case err != nil:
		return nil, err
	case open:
		return nil, s.refuse(row, "its quote is never closed: close it, or take it out")
	}
	cells, err := s.quoted.read(row)
	var broken *csv.ParseError
	switch {
	case err == nil:
		s.no++
		return cells, s.pass(row)
	case errors.Is(err, io.EOF): // a blank line
		if err := s.pass(row); err != nil {
			return nil, err
		}
		return s.read()
	case !errors.As(err, &broken):
		return nil, fileError(err, fmt.Sprintf("row %d cannot be read: ", s.no+1))
	case broken.Line != broken.StartLine:
		return nil, s.refuse(row, "its quote is never closed: close it, or take it out")
	case errors.Is(broken.Err, csv.ErrBareQuote):
		return nil, s.refuse(row, "a quote stands inside of a value: write it twice, and the value in quotes")
	}
	return nil, s.refuse(row, "text stands behind a closing quote: write quotes inside of a value twice")
}

// pass goes on behind what was looked at.
func (s *csvRecords) pass(text []byte) error {
	s.lines += bytes.Count(text, []byte{'\n'})
	_, err := s.in.Discard(len(text)) // it is buffered
	return err
}

// refuse passes the first line of a row that cannot be read.
func (s *csvRecords) refuse(row []byte, what string) error {
	if n := bytes.IndexByte(row, '\n'); n >= 0 {
		row = row[:n+1]
	}
	e := &rowError{reason: RowBroken, what: fmt.Sprintf("line %d: %s", s.lines+1, what)}
	if len(row) <= MaxField {
		e.cells = strings.Split(strings.TrimRight(string(row), "\r\n"), string(s.delimiter))
		for i, c := range e.cells {
			if inner, ok := strings.CutPrefix(c, `"`); ok {
				e.cells[i] = strings.TrimSuffix(inner, `"`)
			}
		}
	}
	s.no++
	if err := s.pass(row); err != nil {
		return err
	}
	return e
}

// ahead looks at the next row without taking it; open: its quote is never closed. Errors: io.EOF, *FileError.
func (s *csvRecords) ahead() (row []byte, open bool, err error) {
	for _, size := range []int{s.in.Buffered(), readAhead, MaxRow + 1} {
		if s.in.Size() < size {
			s.in = bufio.NewReaderSize(s.in, size)
		}
		text, err := s.in.Peek(size)
		n, inQuotes, ended := rowEnd(text, byte(s.delimiter))
		switch {
		case ended:
			return text[:n], false, nil
		case err != nil && !errors.Is(err, io.EOF):
			return nil, false, fileError(err, fmt.Sprintf("row %d cannot be read: ", s.no+1))
		case err != nil && len(text) == 0:
			return nil, false, io.EOF
		case err != nil && inQuotes, size > MaxRow && inQuotes && bytes.IndexByte(text, '\n') >= 0:
			return text, true, nil
		case err != nil:
			return text, false, nil
		}
	}
	return nil, false, tooLong(s.no + 1)
}

// rowEnd finds where the row ends that text begins with, by the library's rules: behind the first line break that is not in quotes,
// or behind the line whose quotes are wrong.
func rowEnd(text []byte, delimiter byte) (end int, inQuotes, ended bool) {
	marks := string([]byte{delimiter, '\n', '"'})
	line := func(from int) (int, bool, bool) {
		n := bytes.IndexByte(text[from:], '\n')
		return from + n + 1, false, n >= 0
	}
	for at := 0; ; {
		if at == len(text) || text[at] != '"' {
			n := bytes.IndexAny(text[at:], marks)
			if n < 0 || text[at+n] != delimiter {
				return line(at + max(n, 0))
			}
			at += n + 1
			continue
		}
		for at++; ; at += 2 { // behind the quote; then behind two of them, which are one of the value
			n := bytes.IndexByte(text[at:], '"')
			if n < 0 {
				return len(text), true, false
			}
			if at += n; at+1 == len(text) || text[at+1] != '"' {
				break
			}
		}
		if at++; at == len(text) || text[at] != delimiter {
			return line(at)
		}
		at++
	}
}
