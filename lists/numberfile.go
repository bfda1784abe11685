package lists

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NumberFile says how a file of numbers is laid out: one number per line, or columns divided by comma, semicolon, tab or bar.
// A first line without a number is a header. Numbers without a country code belong to the country of Region.
type NumberFile struct {
	Region     string // country or state, like US or US-FL
	Column     string // the column of the number: its header or its position from 1; "": found by header or content
	AreaColumn string // the column of the area code that goes before it; "": found when the columns are three and seven digits
	Tolerate   int64  // lines without a number beyond which the file is refused
}

const (
	longestLine   = 64 << 10 // bytes; what is longer is no line of numbers
	badLinesKept  = 100
	badLinesRead  = 1000 // beyond the tolerated ones: enough to see what is wrong with the file
	longestColumn = 100
)

// Reasons of bad lines besides the Phone codes.
const (
	lineTooLong   = "line_too_long"
	columnMissing = "column_missing"
	badEncoding   = "encoding"
)

// ErrBadLines says that more lines hold no number than the loader was told to tolerate.
var ErrBadLines = errors.New("lines of the file hold no number: mend them or say how many may be left out")

// numberReader reads the numbers of a file, one after the other, in constant memory.
type numberReader struct {
	file   NumberFile
	in     *bufio.Reader
	norm   *normaliser
	split  byte // divides columns; 0: the line is the number
	column int
	area   int // -1: none
	first  bool

	lines, bad int64
	badLines   []BadLine
}

func newNumberReader(r io.Reader, file NumberFile) (*numberReader, error) {
	norm, err := newNormaliser(file.Region)
	if err != nil {
		return nil, err
	}
	return &numberReader{file: file, in: bufio.NewReaderSize(r, longestLine), norm: norm, area: -1, first: true, badLines: []BadLine{}}, nil
}

// next returns the next number, E.164 without the plus; io.EOF after the last one; ErrBadLines when too many are none.
func (r *numberReader) next() (int64, error) {
	for {
		line, err := r.line()
		if err != nil {
			return 0, err
		}
		if line == nil {
			if err := r.reject(nil, lineTooLong); err != nil {
				return 0, err
			}
			continue
		}
		if len(line) == 0 {
			continue
		}
		if r.first {
			r.first = false
			header, err := r.layout(line)
			if err != nil {
				return 0, err
			}
			if header {
				continue
			}
		}
		n, reason := r.number(line)
		if reason == "" {
			return n, nil
		}
		if err := r.reject(line, reason); err != nil {
			return 0, err
		}
	}
}

// line returns the next line without its end and the white space around it, valid until the next call; nil when it is too long.
func (r *numberReader) line() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	r.lines++
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.in.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, nil
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		r.lines--
		return nil, err
	}
	if r.lines == 1 {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		if bytes.IndexByte(line, 0) >= 0 || bytes.HasPrefix(line, []byte("\xff\xfe")) || bytes.HasPrefix(line, []byte("\xfe\xff")) {
			return nil, &InputError{"file", "is not a text file in UTF-8 or ASCII: save it as plain text or CSV in UTF-8"}
		}
	}
	line = bytes.TrimSpace(line)
	if line == nil {
		line = []byte{}
	}
	return line, nil
}

func (r *numberReader) reject(line []byte, reason string) error {
	r.bad++
	if len(r.badLines) < badLinesKept {
		if len(line) > 240 {
			line = line[:240]
		}
		r.badLines = append(r.badLines, BadLine{r.lines, CleanText(string(line), 60), reason})
	}
	if r.bad > r.file.Tolerate+badLinesRead {
		return ErrBadLines
	}
	return nil
}

// number reads a line of the layout that was found.
func (r *numberReader) number(line []byte) (int64, string) {
	if r.split == 0 {
		return r.norm.number(nil, line)
	}
	number, ok := r.cell(line, r.column)
	if !ok {
		return 0, columnMissing
	}
	var area []byte
	if r.area >= 0 {
		if area, ok = r.cell(line, r.area); !ok {
			return 0, columnMissing
		}
	}
	return r.norm.number(area, number)
}

// cell returns a column of the line. Lines with quotes go through the CSV reader, which is slower.
func (r *numberReader) cell(line []byte, column int) ([]byte, bool) {
	if bytes.IndexByte(line, '"') >= 0 {
		cells := splitLine(line, r.split)
		if column >= len(cells) {
			return nil, false
		}
		return []byte(cells[column]), true
	}
	for ; column > 0; column-- {
		i := bytes.IndexByte(line, r.split)
		if i < 0 {
			return nil, false
		}
		line = line[i+1:]
	}
	if i := bytes.IndexByte(line, r.split); i >= 0 {
		line = line[:i]
	}
	return line, true
}

func splitLine(line []byte, split byte) []string {
	c := csv.NewReader(bytes.NewReader(line))
	c.Comma, c.LazyQuotes, c.FieldsPerRecord = rune(split), true, -1
	cells, err := c.Read()
	if err != nil {
		return nil
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// layout finds out from the first line how the file is divided, and whether the line is a header.
func (r *numberReader) layout(line []byte) (header bool, err error) {
	most := 0
	for _, by := range []byte{',', ';', '\t', '|'} {
		if n := bytes.Count(line, []byte{by}); n > most {
			r.split, most = by, n
		}
	}
	if !utf8.Valid(line) && r.split == 0 {
		return false, &InputError{"file", "is not a text file in UTF-8 or ASCII: save it as plain text or CSV in UTF-8"}
	}
	if r.split == 0 {
		if r.file.Column != "" && r.file.Column != "1" && !strings.EqualFold(r.file.Column, string(line)) {
			return false, &InputError{"column", "the file has one column only: leave it empty"}
		}
		_, reason := r.norm.number(nil, line)
		return reason != "" && hasLetter(line), nil
	}
	cells := splitLine(line, r.split)
	if r.column, err = r.find("column", r.file.Column, cells, numberHeaders); err != nil {
		return false, err
	}
	if r.area, err = r.find("area_column", r.file.AreaColumn, cells, areaHeaders); err != nil {
		return false, err
	}
	header = r.column < 0 && hasLetter(line)
	if r.column >= 0 && r.column < len(cells) {
		_, reason := r.number(line)
		header = reason != "" && hasLetter([]byte(cells[r.column]))
	}
	if r.column < 0 {
		r.column, r.area = r.guess(cells)
	}
	if r.column < 0 {
		return false, &InputError{"column", fmt.Sprintf("name the column of the number; the first line is %q", CleanText(string(line), 120))}
	}
	return header, nil
}

var (
	numberHeaders = []string{"phone", "phone number", "phone_number", "phonenumber", "number", "telephone", "tel", "mobile", "msisdn", "电话", "电话号码", "手机", "手机号", "手机号码", "号码"}
	areaHeaders   = []string{"area", "area code", "area_code", "areacode", "npa", "区号"}
)

// find returns the position of a column that was named, or that has one of the usual headers; -1: there is none.
func (r *numberReader) find(field, name string, cells, usual []string) (int, error) {
	if name = strings.TrimSpace(name); name == "" {
		for i, cell := range cells {
			for _, u := range usual {
				if strings.EqualFold(cell, u) {
					return i, nil
				}
			}
		}
		return -1, nil
	}
	for i, cell := range cells {
		if strings.EqualFold(cell, name) {
			return i, nil
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(cells) {
		return n - 1, nil
	}
	return 0, &InputError{field, fmt.Sprintf("there is no column %q; the first line is %q", CleanText(name, longestColumn), CleanText(strings.Join(cells, ", "), 200))}
}

// guess looks for the number in a first line that is no header.
func (r *numberReader) guess(cells []string) (column, area int) {
	if len(cells) >= 2 && r.norm.cc == "1" && digitsOnly(cells[0]) == 3 && digitsOnly(cells[1]) == 7 {
		return 1, 0 // area code and number, as the US registry hands it out
	}
	for i, cell := range cells {
		if _, reason := r.norm.number(nil, []byte(cell)); reason == "" {
			return i, -1
		}
	}
	return -1, -1
}

// digitsOnly returns the length of s when it is all digits, else -1.
func digitsOnly(s string) int {
	if strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) >= 0 {
		return -1
	}
	return len(s)
}

func hasLetter(b []byte) bool { return bytes.IndexFunc(b, unicode.IsLetter) >= 0 }

// NumbersRead is what ReadNumbers found.
type NumbersRead struct {
	Lines    int64     `json:"lines"`
	Numbers  int64     `json:"numbers"`
	Bad      int64     `json:"bad" doc:"lines that hold no number"`
	BadLines []BadLine `json:"bad_lines" nullable:"false" doc:"the first 100 of them"`
}

// ReadNumbers gives the numbers of a file, in E.164, to each, in constant memory. It ends with each's error, with ErrBadLines when
// more lines than file tolerates (and a few to see what is wrong) hold no number, or with *InputError (file, column, area_column, region).
func ReadNumbers(r io.Reader, file NumberFile, each func(phone string) error) (read NumbersRead, err error) {
	in, err := newNumberReader(r, file)
	if err != nil {
		return NumbersRead{BadLines: []BadLine{}}, err
	}
	for {
		n, err := in.next()
		if err == nil {
			read.Numbers++
			err = each("+" + strconv.FormatInt(n, 10))
		}
		if err != nil {
			read.Lines, read.Bad, read.BadLines = in.lines, in.bad, in.badLines
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return read, err
		}
	}
}
