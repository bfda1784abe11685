package importer

import (
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// sameAsLibrary compares what is cut here with what encoding/csv makes of the same text, row by row.
func sameAsLibrary(t *testing.T, text string, in io.Reader) {
	t.Helper()
	got, err := openCSV(in, ",")
	require.NoError(t, err)
	want := csv.NewReader(strings.NewReader(text))
	want.FieldsPerRecord = -1
	for {
		w, wantErr := want.Read()
		g, err := got.read()
		var broken *csv.ParseError
		switch {
		case errors.Is(wantErr, io.EOF):
			require.ErrorIs(t, err, io.EOF, "%q", text)
			return
		case errors.As(wantErr, &broken):
			var r *rowError
			require.ErrorAs(t, err, &r, "%q", text)
			require.Contains(t, r.what, broken.Err.Error(), "%q", text)
			require.Regexp(t, `^lines? `, r.what)
			if broken.Line == broken.StartLine {
				require.Contains(t, r.what, wantErr.Error()[len("parse error on "):len("parse error on ")+len("line 1")], "%q", text)
			}
		default:
			require.NoError(t, wantErr)
			require.NoError(t, err, "%q", text)
			require.Equal(t, w, slices.Clone(g), "%q", text)
		}
	}
}

func TestLinesAreCutAsTheLibraryDoes(t *testing.T) {
	for _, text := range []string{"a", "a\n", "\n\na,b\n\r\n\nc\r\n", "a,\n,\n,,b", `"a",b` + "\n", `"a,b","c"` + "\r\n", `"a""b",c` + "\n", "\"a\nb\",c\nd,e\n",
		`a"b,c` + "\nd\n", `"a"b,c` + "\nd\n", `"a` + "\n" + `b`, "a\rb,c\r", "a,b\r\r\nc\n", `"",""` + "\n", `,""` + "\n", `a,"` + "\nb\n", "\"a\"\n\"b\"\r\n\"c\"",
		strings.Repeat("x", readAhead+10) + ",y\nz,\"" + strings.Repeat("q", readAhead) + "\"\nlast,row\n"} {
		sameAsLibrary(t, text, strings.NewReader(text))
		sameAsLibrary(t, text, iotest.OneByteReader(strings.NewReader(text)))
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		b := []byte("h")
		for range rnd.IntN(24) {
			b = append(b, "ab,,\"\"\r\n\n"[rnd.IntN(9)])
		}
		sameAsLibrary(t, string(b), strings.NewReader(string(b)))
	}
}

func TestPlainASCII(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			b := []byte("abcdefghijklmnopqrst")
			b[at] = byte(c)
			require.Equal(t, c >= ' ' && c <= '~', plainASCII(string(b)), "%d at %d", c, at)
		}
	}
	require.True(t, plainASCII(""))
}
