package importer

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/dialtide/dialtide/lists"
)

// RejectColumns stand behind the columns of the file in the file of rejected rows. A file that has them can be loaded as it is:
// they are passed over.
var RejectColumns = []string{"import_row", "import_field", "import_reason"}

const rejectsAtOnce = 1000 // rows that are in memory at a time

// WriteRejects writes the rows that an import did not take as a [RejectFile].
func WriteRejects(ctx context.Context, w io.Writer, store *lists.Store, i lists.Import) error {
	out, err := NewRejectFile(w, i.Header)
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		rows, err := store.Rejects(ctx, i.ID, after, rejectsAtOnce)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return out.Flush()
		}
		for _, x := range rows {
			if err := out.Write(x); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].Row
	}
}

// RejectFile writes rows that were not taken as CSV, as they were in their file, with what is wrong behind them: a file to be mended
// and loaded again. It begins with the mark of UTF-8, without which spreadsheets take it for something else. Cells that a
// spreadsheet would run as a formula get an apostrophe in front, which a load takes off.
type RejectFile struct {
	csv     *csv.Writer
	columns int
}

// NewRejectFile begins a file of rows whose cells are named by the header.
func NewRejectFile(w io.Writer, header []string) (*RejectFile, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	first := make([]string, len(header), len(header)+len(RejectColumns))
	for k, h := range header {
		first[k] = harmless(h)
	}
	f := &RejectFile{csv.NewWriter(w), len(header)}
	return f, f.csv.Write(append(first, RejectColumns...))
}

// Write adds a row.
func (f *RejectFile) Write(x lists.Reject) error { return f.csv.Write(rejectRecord(f.columns, x)) }

// Flush writes what is still held.
func (f *RejectFile) Flush() error {
	f.csv.Flush()
	return f.csv.Error()
}

// rejectRecord is a row with what is wrong behind it. A row that could not be kept has the part that is wrong in its first
// column.
func rejectRecord(columns int, x lists.Reject) []string {
	out := make([]string, max(columns, len(x.Record), 1))
	for i, c := range x.Record {
		out[i] = harmless(c)
	}
	if len(x.Record) == 0 {
		out[0] = harmless(x.Value)
	}
	return append(out, strconv.FormatInt(x.Row, 10), harmless(x.Field), x.Reason)
}

// harmless makes a cell plain text for spreadsheets (CWE-1236). A number in E.164 form stays as it is: spreadsheets take it for
// a number, and the plus means nothing else.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) || len(cell) > 1 && cell[0] == '+' && plainDigits(cell[1:]) {
		return cell
	}
	return "'" + cell
}
