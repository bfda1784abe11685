package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// sameAsLibrary compares what is cut here with what encoding/csv makes of the same text, row by row. Only rows whose quotes do not fit
// differ: here they are their first line, and the library begins anew behind it.
func sameAsLibrary(t *testing.T, text string, in io.Reader) {
	t.Helper()
	got, err := openCSV(in, ",")
	require.NoError(t, err)
	for at := 0; ; {
		want := csv.NewReader(strings.NewReader(text[at:]))
		want.FieldsPerRecord = -1
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
			for strings.HasPrefix(text[at:], "\n") || strings.HasPrefix(text[at:], "\r\n") {
				at += strings.IndexByte(text[at:], '\n') + 1
			}
			require.Contains(t, r.what, fmt.Sprintf("line %d: ", strings.Count(text[:at], "\n")+1), "%q", text)
			line, _, more := strings.Cut(text[at:], "\n")
			require.Len(t, r.cells, strings.Count(line, ",")+1)
			if at += len(line) + 1; !more {
				at = len(text)
			}
		default:
			require.NoError(t, wantErr)
			require.NoError(t, err, "%q", text)
			require.Equal(t, w, slices.Clone(g), "%q", text)
			at += int(want.InputOffset())
		}
	}
}

func TestLinesAreCutAsTheLibraryDoes(t *testing.T) {
	for _, text := range []string{"a", "a\n", "\n\na,b\n\r\n\nc\r\n", "a,\n,\n,,b", `"a",b` + "\n", `"a,b","c"` + "\r\n", `"a""b",c` + "\n", "\"a\nb\",c\nd,e\n",
		`a"b,c` + "\nd\n", `"a"b,c` + "\nd\n", `"a` + "\n" + `b`, "a\rb,c\r", "a,b\r\r\nc\n", `"",""` + "\n", `,""` + "\n", `a,"` + "\nb\n", "\"a\"\n\"b\"\r\n\"c\"",
		strings.Repeat("x", readAhead+10) + ",y\nz,\"" + strings.Repeat("q", readAhead) + "\"\nlast,row\n", "a,\"x\ny\",\"b\nc,d\n", "\"a\n\n\"\"\nb\n", "a,\"" + strings.Repeat("q\n", readAhead) + "\"\nlast\n",
		"a,\"" + strings.Repeat("\"\"\n", readAhead) + "\",b\nc\n"} {
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
