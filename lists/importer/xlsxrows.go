package importer

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// read implements records.
func (x *xlsxRecords) read() ([]string, error) {
	if !x.waiting && !x.finished {
		if err := x.row(); err != nil {
			return nil, err
		}
	}
	switch {
	case x.finished && !x.waiting:
		return nil, io.EOF
	}
	x.waiting = false
	x.no++
	return x.cells, nil
}

// row reads up to the end of the next row that has cells.
func (x *xlsxRecords) row() error {
	for {
		t, err := x.packed.token(x.dec)
		if errors.Is(err, io.EOF) {
			x.finished = true
			return nil
		}
		if err != nil {
			return broken(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			if e.Name.Local == "row" {
				if x.rows++; x.rows > maxRows {
					return &FileError{FileBomb, fmt.Sprintf("the sheet has more than %d rows, which no spreadsheet program writes: save it as CSV", maxRows)}
				}
				if err := x.cellsOf(); err != nil {
					return err
				}
				if len(x.cells) > 0 {
					x.waiting = true
					return nil
				}
			}
		case xml.EndElement:
			if e.Name.Local == "sheetData" {
				x.finished = true
				return nil
			}
		}
	}
}

// cellsOf reads the cells of a row.
func (x *xlsxRecords) cellsOf() error {
	x.cells = x.cells[:0]
	size, count := 0, 0
	for {
		t, err := x.packed.token(x.dec)
		if err != nil {
			return broken(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			if e.Name.Local != "c" {
				continue
			}
			if count++; count > maxCells {
				return &FileError{FileColumns, fmt.Sprintf("row %d has a cell in column %d, at most %d columns are allowed: leave out those that nobody needs", x.no+1, count, MaxColumns)}
			}
			column, text, err := x.cell(e)
			if err != nil {
				return err
			}
			if column > MaxColumns {
				if text == "" {
					continue
				}
				return &FileError{FileColumns, fmt.Sprintf("row %d has a cell in column %d, at most %d columns are allowed: leave out those that nobody needs", x.no+1, column, MaxColumns)}
			}
			for len(x.cells) < column {
				x.cells = append(x.cells, "")
			}
			x.cells[column-1] = text
			if size += len(text); size > MaxRow {
				return tooLong(x.no + 1)
			}
		case xml.EndElement:
			if e.Name.Local == "row" {
				for len(x.cells) > 0 && x.cells[len(x.cells)-1] == "" {
					x.cells = x.cells[:len(x.cells)-1]
				}
				return nil
			}
		}
	}
}

// cell reads one cell; the columns count from 1.
func (x *xlsxRecords) cell(e xml.StartElement) (column int, text string, err error) {
	var kind string
	style := -1
	column = len(x.cells) + 1
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "r":
			if n := columnOf(a.Value); n > 0 {
				column = n
			}
		case "t":
			kind = a.Value
		case "s":
			if n, err := strconv.Atoi(a.Value); err == nil {
				style = n
			}
		}
	}
	raw, err := x.value(kind)
	if err != nil {
		return 0, "", err
	}
	switch kind {
	case "s":
		return column, x.shared.at(raw), nil
	case "b":
		if raw == "1" {
			return column, "true", nil
		}
		return column, "false", nil
	case "e":
		return column, "", nil // #N/A and the like: nothing is there
	case "d":
		return column, strings.Replace(strings.TrimSuffix(raw, "T00:00:00"), "T", " ", 1), nil
	case "inlineStr", "str":
		return column, raw, nil
	}
	if style >= 0 && style < len(x.dates) && x.dates[style] != noDate {
		if text, ok := x.date(raw, x.dates[style]); ok {
			return column, text, nil
		}
	}
	return column, plainFloat(raw), nil
}

// value reads up to the end of a cell and gives what is in its value or its text.
func (x *xlsxRecords) value(kind string) (string, error) {
	var b []byte
	depth, in, phonetic := 0, false, 0
	for {
		t, err := x.packed.token(x.dec)
		if err != nil {
			return "", broken(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			depth++
			switch e.Name.Local {
			case "v":
				in = kind != "inlineStr"
			case "t":
				in = kind == "inlineStr" && phonetic == 0
			case "rPh":
				phonetic = depth
			}
		case xml.EndElement:
			if depth == 0 {
				return string(b), nil
			}
			if phonetic == depth {
				phonetic = 0
			}
			depth--
			in = false
		case xml.CharData:
			if in {
				if b = append(b, e...); len(b) > MaxRow {
					return "", tooLong(x.no + 1)
				}
			}
		}
	}
}

// columnOf is the number of a column by a cell's name: B7 is 2.
func columnOf(name string) (n int) {
	for i := range len(name) {
		c := name[i]
		if c < 'A' || c > 'Z' {
			break
		}
		if n = n*26 + int(c-'A') + 1; n > 20_000 {
			return 20_000
		}
	}
	return n
}

// plainFloat writes a number without exponent when nothing of it gets lost: 8.613800138E+12 is 8613800138000.
func plainFloat(raw string) string {
	if !strings.ContainsAny(raw, ".eE") {
		return raw
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || f > 1e15 || f < -1e15 {
		return raw
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
