package api

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestXLSXKeepsNumbersToTheirColumns: what is a number there can be added up, and nothing else becomes one.
func TestXLSXKeepsNumbersToTheirColumns(t *testing.T) {
	var b bytes.Buffer
	x := newXLSX(&b)
	x.number = func(column int) bool { return column > 0 }
	require.NoError(t, x.row([]string{"12065550100", "-12.50", "007", "1e9", "=1+1", "1234567890123456", "–", "0"}))
	require.NoError(t, x.close())
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	f, err := z.Open("xl/worksheets/sheet1.xml")
	require.NoError(t, err)
	raw, err := io.ReadAll(f)
	require.NoError(t, err)
	require.Contains(t, string(raw), `<c r="B1"><v>-12.50</v></c>`)
	require.Contains(t, string(raw), `<c r="H1"><v>0</v></c>`)
	require.Equal(t, 6, bytes.Count(raw, []byte("inlineStr")))
}

func TestXLSXBeginsAnotherSheet(t *testing.T) {
	var b bytes.Buffer
	x := newXLSX(&b)
	x.total = 3
	for _, row := range [][]string{{"head"}, {"a"}, {"b\x00\x1f￾<&>"}, {"c"}, {"d"}, {"e"}} {
		require.NoError(t, x.row(row))
	}
	require.NoError(t, x.close())
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	require.Len(t, z.File, 7)
	part := func(name string) string {
		f, err := z.Open(name)
		require.NoError(t, err)
		raw, err := io.ReadAll(f)
		require.NoError(t, err)
		return string(raw)
	}
	require.Contains(t, part("xl/worksheets/sheet1.xml"), "b   &lt;&amp;&gt;")
	require.Contains(t, part("xl/worksheets/sheet2.xml"), ">head<")
	require.Contains(t, part("xl/worksheets/sheet3.xml"), ">e<")
	require.Contains(t, part("xl/workbook.xml"), `name="Sheet3"`)
	require.Equal(t, []string{"A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"}, []string{columnName(0), columnName(25), columnName(26), columnName(51), columnName(52), columnName(701), columnName(702)})
}
