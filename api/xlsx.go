package api

import (
	"archive/zip"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	xlsxRows = 1_048_576 // of one sheet
	xlsxCell = 32_767    // characters of one cell
)

// xlsxSheet writes a workbook row by row, with constant memory. Cells are inline texts: formulas do not run, long numbers keep their
// digits. Only in columns that are said to be of numbers, what is one can be added up. What the last files of the package must know of the sheets is known only at the end, and a zip
// may have its files in any order.
type xlsxSheet struct {
	zip    *zip.Writer
	part   io.Writer
	header []string
	sheets int
	rows   int                   // of the sheet that is open
	total  int                   // rows of one sheet; another number in tests
	number func(column int) bool // nil: none is of numbers
	b      strings.Builder
}

func newXLSX(w io.Writer) *xlsxSheet { return &xlsxSheet{zip: zip.NewWriter(w), total: xlsxRows} }

const (
	xlsxHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	xlsxMain = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	xlsxRels = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	xlsxPack = `http://schemas.openxmlformats.org/package/2006/`
)

func (x *xlsxSheet) begin() (err error) {
	if err := x.end(); err != nil {
		return err
	}
	x.sheets++
	if x.part, err = x.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", x.sheets)); err != nil {
		return err
	}
	_, err = io.WriteString(x.part, xlsxHead+`<worksheet `+xlsxMain+`><sheetData>`)
	return err
}

func (x *xlsxSheet) end() error {
	if x.part == nil {
		return nil
	}
	_, err := io.WriteString(x.part, `</sheetData></worksheet>`)
	x.part, x.rows = nil, 0
	return err
}

// row writes one row. The first one is the header, which every sheet has.
func (x *xlsxSheet) row(cells []string) error {
	if x.header == nil {
		x.header = cells
	}
	if x.part == nil || x.rows >= x.total {
		again := x.sheets > 0
		if err := x.begin(); err != nil {
			return err
		}
		if again {
			if err := x.write(x.header); err != nil {
				return err
			}
		}
	}
	return x.write(cells)
}

func (x *xlsxSheet) write(cells []string) error {
	x.rows++
	x.b.Reset()
	fmt.Fprintf(&x.b, `<row r="%d">`, x.rows)
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		if x.number != nil && x.number(i) && plainNumber.MatchString(cell) {
			fmt.Fprintf(&x.b, `<c r="%s%d"><v>%s</v></c>`, columnName(i), x.rows, cell)
			continue
		}
		fmt.Fprintf(&x.b, `<c r="%s%d" t="inlineStr"><is><t xml:space="preserve">`, columnName(i), x.rows)
		xmlText(&x.b, cell)
		x.b.WriteString(`</t></is></c>`)
	}
	x.b.WriteString(`</row>`)
	_, err := io.WriteString(x.part, x.b.String())
	return err
}

// plainNumber is what a spreadsheet keeps all digits of.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})([.][0-9]{1,9})?$`)

// columnName is A for 0, Z for 25, AA for 26.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// xmlText writes what XML can hold of a text, up to the length of a cell.
func xmlText(b *strings.Builder, s string) {
	n := 0
	for _, r := range s {
		if n++; n > xlsxCell {
			return
		}
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '\t', r == '\n', r >= ' ' && r != utf8.RuneError && r != 0xfffe && r != 0xffff:
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
}

func (x *xlsxSheet) close() error {
	if x.sheets == 0 {
		if err := x.begin(); err != nil {
			return err
		}
	}
	if err := x.end(); err != nil {
		return err
	}
	var sheets, rels, types strings.Builder
	for i := 1; i <= x.sheets; i++ {
		fmt.Fprintf(&sheets, `<sheet name="Sheet%d" sheetId="%d" r:id="rId%d"/>`, i, i, i)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i, xlsxRels, i)
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, i)
	}
	for _, f := range [][2]string{
		{"xl/workbook.xml", `<workbook ` + xlsxMain + ` xmlns:r="` + xlsxRels + `"><sheets>` + sheets.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + xlsxPack + `relationships">` + rels.String() + `</Relationships>`},
		{"_rels/.rels", `<Relationships xmlns="` + xlsxPack + `relationships"><Relationship Id="rId1" Type="` + xlsxRels + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"[Content_Types].xml", `<Types xmlns="` + xlsxPack + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ` +
			`ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` + types.String() + `</Types>`},
	} {
		w, err := x.zip.Create(f[0])
		if err == nil {
			_, err = io.WriteString(w, xlsxHead+f[1])
		}
		if err != nil {
			return err
		}
	}
	return x.zip.Close()
}
