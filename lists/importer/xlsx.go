package importer

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A workbook is read as a stream, cell by cell: the sheet is never in memory, only the texts that its cells share, up to a limit.
const (
	maxEntries    = 10_000    // files in the archive
	maxShared     = 64 << 20  // bytes of shared texts
	maxSharedText = 3 << 20   // how many of them
	maxPart       = 16 << 20  // bytes of the small parts: workbook, styles, relations
	bombFloor     = 100 << 20 // up to here no part is suspected
	bombRatio     = 200       // unpacked bytes for each packed one; a sheet of numbers has 5 to 30
	maxSheets     = 1000
)

// xlsxRecords reads the rows of one sheet.
type xlsxRecords struct {
	names    []string
	name     string
	file     *zip.File
	dec      *xml.Decoder
	packed   *packedCounter
	shared   sharedTexts
	dates    []dateStyle // by cell style
	epoch    time.Time
	cells    []string
	no       int64 // rows given
	pending  int64 // number of the row that was read already, above no+1 where rows were left out
	waiting  bool
	finished bool
}

// packedCounter counts what a part of the archive unpacks to, and refuses to go on when it is a bomb.
type packedCounter struct {
	r      io.Reader
	n      int64
	packed int64
	left   int // of the token that is being read
}

const maxToken = 4 << 20

var errToken = errors.New("a text in it is longer than 4 MiB")

// token reads the next one. A token that never ends does not fill the memory.
func (c *packedCounter) token(dec *xml.Decoder) (xml.Token, error) {
	c.left = maxToken
	return dec.RawToken()
}

var errBomb = errors.New("the workbook unpacks to far more than it holds")

func (c *packedCounter) Read(p []byte) (int, error) {
	if c.n > bombFloor && c.n/bombRatio > c.packed {
		return 0, errBomb
	}
	if c.left <= 0 {
		return 0, errToken
	}
	n, err := c.r.Read(p[:min(len(p), c.left)])
	c.n += int64(n)
	c.left -= n
	return n, err
}

func openPart(f *zip.File) (*packedCounter, io.Closer, error) {
	r, err := f.Open()
	if err != nil {
		return nil, nil, err
	}
	return &packedCounter{r: r, packed: int64(f.CompressedSize64) + 1, left: maxPart + 1}, r, nil
}

func broken(err error) error {
	if errors.Is(err, errBomb) {
		return &FileError{FileBomb, "the workbook unpacks to far more than it holds: save it as CSV"}
	}
	if errors.Is(err, errToken) {
		return &FileError{FileRowLong, "the workbook cannot be read: " + errToken.Error()}
	}
	return &FileError{FileBinary, "the workbook cannot be read: " + err.Error()}
}

func openXLSX(r io.ReaderAt, size int64, sheet string) (*xlsxRecords, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, broken(err)
	}
	if len(z.File) > maxEntries {
		return nil, &FileError{FileBomb, fmt.Sprintf("the archive has %d files, at most %d are read", len(z.File), maxEntries)}
	}
	parts := map[string]*zip.File{}
	for _, f := range z.File {
		parts[strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(f.Name, `\`, "/")), "/")] = f
	}
	if parts["xl/workbook.xml"] == nil {
		return nil, &FileError{FileBinary, "the file is a zip archive, but no Excel workbook: unpack it first"}
	}
	book, err := readBook(parts)
	if err != nil {
		return nil, err
	}
	x := &xlsxRecords{epoch: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)}
	if book.Props.Date1904 {
		x.epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	for _, s := range book.Sheets {
		x.names = append(x.names, s.Name)
	}
	if err := x.choose(book, parts, sheet); err != nil {
		return nil, err
	}
	if x.dates, err = readStyles(parts["xl/styles.xml"]); err != nil {
		return nil, err
	}
	if f := parts["xl/sharedStrings.xml"]; f != nil {
		if err := x.shared.read(f); err != nil {
			return nil, err
		}
	}
	return x, x.start()
}

func (x *xlsxRecords) start() error {
	part, _, err := openPart(x.file)
	if err != nil {
		return broken(err)
	}
	x.packed, x.dec = part, xml.NewDecoder(part)
	x.dec.Strict = true
	return nil
}

// bytesRead is roughly how much of the archive was read, for a progress bar.
func (x *xlsxRecords) bytesRead() int64 {
	if x.file.UncompressedSize64 == 0 {
		return 0
	}
	return int64(float64(x.packed.n) / float64(x.file.UncompressedSize64) * float64(x.packed.packed))
}

type workbook struct {
	Props struct {
		Date1904 bool `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Name  string `xml:"name,attr"`
		State string `xml:"state,attr"`
		ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
	} `xml:"sheets>sheet"`
	targets map[string]string
}

// readSmall decodes a small part of the workbook.
func readSmall(f *zip.File, into any) error {
	if f == nil {
		return nil
	}
	part, c, err := openPart(f)
	if err != nil {
		return broken(err)
	}
	defer func() { _ = c.Close() }()
	limited := &io.LimitedReader{R: part, N: maxPart}
	if err := xml.NewDecoder(limited).Decode(into); err != nil {
		if limited.N <= 0 {
			err = errBomb
		}
		return broken(fmt.Errorf("%s: %w", path.Base(f.Name), err))
	}
	return nil
}

func readBook(parts map[string]*zip.File) (*workbook, error) {
	book := &workbook{targets: map[string]string{}}
	if err := readSmall(parts["xl/workbook.xml"], book); err != nil {
		return nil, err
	}
	var rels struct {
		Relations []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := readSmall(parts["xl/_rels/workbook.xml.rels"], &rels); err != nil {
		return nil, err
	}
	for _, r := range rels.Relations {
		target := r.Target
		if !strings.HasPrefix(target, "/") {
			target = "/xl/" + target
		}
		book.targets[r.ID] = strings.TrimPrefix(path.Clean(target), "/")
	}
	if len(book.Sheets) == 0 || len(book.Sheets) > maxSheets {
		return nil, &FileError{FileSheet, "the workbook has no sheets that can be read"}
	}
	return book, nil
}

// choose finds the sheet of a name, or else the first that is shown.
func (x *xlsxRecords) choose(book *workbook, parts map[string]*zip.File, name string) error {
	for _, s := range book.Sheets {
		if name != "" && s.Name != name || name == "" && s.State != "" && s.State != "visible" {
			continue
		}
		if f := parts[book.targets[s.ID]]; f != nil {
			x.name, x.file = s.Name, f
			return nil
		}
	}
	return &FileError{FileSheet, fmt.Sprintf("the workbook has no sheet %q; it has: %s", name, strings.Join(x.names[:min(20, len(x.names))], ", "))}
}

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
	size := 0
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
			column, text, err := x.cell(e)
			if err != nil {
				return err
			}
			if column > MaxColumns {
				if text == "" {
					continue
				}
				return &FileError{FileColumns, fmt.Sprintf("row %d has a cell in column %d, at most %d columns are allowed", x.no+1, column, MaxColumns)}
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

// sharedTexts are the texts that cells refer to by number, in one piece of memory.
type sharedTexts struct {
	text []byte
	ends []uint32
}

func (s *sharedTexts) at(number string) string {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(s.ends) {
		return ""
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return string(s.text[from:s.ends[i]])
}

func (s *sharedTexts) read(f *zip.File) error {
	part, c, err := openPart(f)
	if err != nil {
		return broken(err)
	}
	defer func() { _ = c.Close() }()
	dec := xml.NewDecoder(part)
	in, phonetic := false, false
	for {
		t, err := part.token(dec)
		if errors.Is(err, io.EOF) {
			s.text, s.ends = slices.Clip(s.text), slices.Clip(s.ends)
			return nil
		}
		if err != nil {
			return broken(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "t":
				in = !phonetic
			case "rPh":
				phonetic = true
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				in = false
			case "rPh":
				phonetic = false
			case "si":
				s.ends = append(s.ends, uint32(len(s.text)))
			}
		case xml.CharData:
			if in {
				s.text = append(s.text, e...)
			}
		}
		if len(s.text) > maxShared || len(s.ends) > maxSharedText {
			return &FileError{FileColumns, "the workbook has too many different texts: save it as CSV"}
		}
	}
}
