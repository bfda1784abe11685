package importer

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
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
	maxRows       = 1 << 20 // of a sheet, and of what spreadsheet programs write
	maxCells      = 1 << 14 // of a row
	// lookLimit is how much of a sheet is unpacked to show its first rows. One whose rows are farther behind was made to keep
	// readers busy.
	lookLimit = 64 << 20
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
	rows     int   // rows that were there, those without cells too
	pending  int64 // number of the row that was read already, above no+1 where rows were left out
	waiting  bool
	finished bool
}

// packedCounter counts what a part of the archive unpacks to, and refuses to go on when it is a bomb.
type packedCounter struct {
	r      io.Reader
	n      int64
	packed int64
	limit  int64 // 0: none
	left   int   // of the token that is being read
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
	if c.n > bombFloor && c.n/bombRatio > c.packed || c.limit > 0 && c.n > c.limit {
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
	return &FileError{FileBinary, "the workbook cannot be read, save it again or as CSV: " + err.Error()}
}

func openXLSX(r io.ReaderAt, size int64, sheet string) (*xlsxRecords, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, broken(err)
	}
	if len(z.File) > maxEntries {
		return nil, &FileError{FileBomb, fmt.Sprintf("the archive has %d files, at most %d are read: save the sheet as CSV", len(z.File), maxEntries)}
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
		return nil, &FileError{FileSheet, "the workbook has no sheets that can be read: save the sheet as CSV"}
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
