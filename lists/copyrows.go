package lists

import (
	"bytes"
	crand "crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists/chance"
)

const copyPhonesSQL = `COPY contact_phones (contact_id, pos, phone, kind, zones, region, label) FROM STDIN BINARY`

// copyRows writes rows in PostgreSQL's binary COPY format: a third of the cost of going through values and their codecs.
type copyRows struct {
	list, importID uuid.UUID
	columns        contactColumns
	seqs           []int64 // of the contacts; nil: the table gives them
	buf            []byte
	arrays         map[*string][]byte // encoded zones by their first element: the library gives the same slices again and again
}

// contactColumns says which columns the contacts at hand need; the others have their defaults, which cost the database less to
// set than to read.
type contactColumns struct{ kind, carrier, key, priority, tags, dnc bool }

// see adds the columns of a contact.
func (c *contactColumns) see(x *NewContact) {
	c.kind = c.kind || x.Number.Kind != chance.Unknown
	c.carrier = c.carrier || x.Number.Carrier != ""
	c.key = c.key || x.Key != ""
	c.priority = c.priority || x.Priority != 0
	c.tags = c.tags || len(x.Tags) > 0
	c.dnc = c.dnc || x.OnDNC
}

// statement is what takes the contacts, and n how many columns it has.
func (r *copyRows) statement() (sql string, n int) {
	sql, n = `COPY contacts (id, list_id, phone, name, zones, fields, region`, 7
	for _, x := range []struct {
		has  bool
		name string
	}{{r.seqs != nil, "seq"}, {r.importID != uuid.Nil, "import_id"}, {r.columns.kind, "kind"}, {r.columns.carrier, "carrier"}, {r.columns.key, "key"}, {r.columns.priority, "priority"},
		{r.columns.tags, "tags"}, {r.columns.dnc, "dnc"}} {
		if x.has {
			sql, n = sql+", "+x.name, n+1
		}
	}
	return sql + `) FROM STDIN BINARY`, n
}

var copyHeader = append([]byte("PGCOPY\n\xff\r\n\x00"), 0, 0, 0, 0, 0, 0, 0, 0)

func newCopyRows(list, importID uuid.UUID) *copyRows {
	return &copyRows{list: list, importID: importID, arrays: map[*string][]byte{}, buf: slices.Clone(copyHeader)}
}

func (r *copyRows) begin() { r.buf = append(r.buf[:0], copyHeader...) }

// reader ends the rows and gives them.
func (r *copyRows) reader() *bytes.Reader {
	return bytes.NewReader(append(r.buf, 0xff, 0xff))
}

// contactReader writes contacts while the database takes them: it reads as COPY data.
type contactReader struct {
	rows     *copyRows
	fields   int // of a row
	next     int
	contacts func(i int) (uuid.UUID, *NewContact) // nil after the last one
	left     []byte
	ended    bool
	err      error
}

// streamed is about how many bytes are written ahead of the connection, which sends up to 64 KiB at a time: with the row that goes
// beyond it they are mostly one piece.
const streamed = 60 << 10

// Read implements io.Reader.
func (s *contactReader) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		if s.ended {
			return 0, io.EOF
		}
		s.fill()
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

func (s *contactReader) fill() {
	if s.next > 0 {
		s.rows.buf = s.rows.buf[:0]
	}
	for len(s.rows.buf) < streamed {
		id, c := s.contacts(s.next)
		if c == nil {
			s.rows.buf, s.ended = append(s.rows.buf, 0xff, 0xff), true
			break
		}
		if s.err = s.rows.contact(id, c, s.next, s.fields); s.err != nil {
			break
		}
		s.next++
	}
	s.left = s.rows.buf
}

func (r *copyRows) bytes(b []byte) {
	r.buf = append(binary.BigEndian.AppendUint32(r.buf, uint32(len(b))), b...)
}

func (r *copyRows) text(s string) {
	r.buf = append(binary.BigEndian.AppendUint32(r.buf, uint32(len(s))), s...)
}

func (r *copyRows) int4(n int) {
	r.buf = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(r.buf, 4), uint32(int32(n)))
}

const textOID = 25

func textArray(values []string) []byte {
	if len(values) == 0 {
		return []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, textOID}
	}
	b := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, textOID}, uint32(len(values)))
	b = append(b, 0, 0, 0, 1)
	for _, v := range values {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
	}
	return b
}

var noTexts = textArray(nil)

func (r *copyRows) zones(z []string) {
	if len(z) == 0 {
		r.bytes(noTexts)
		return
	}
	b, ok := r.arrays[&z[0]]
	if !ok {
		b = textArray(z)
		r.arrays[&z[0]] = b
	}
	r.bytes(b)
}

// contact writes the i-th one with the n columns of statement.
func (r *copyRows) contact(id uuid.UUID, c *NewContact, i, n int) error {
	r.buf = append(r.buf, 0, byte(n))
	r.bytes(id[:])
	r.bytes(r.list[:])
	r.text(c.Number.E164)
	r.text(c.Name)
	r.zones(c.Number.Zones)
	f, err := fieldsJSON(c)
	if err != nil {
		return err
	}
	r.buf = binary.BigEndian.AppendUint32(r.buf, uint32(1+len(f)))
	r.buf = append(append(r.buf, 1), f...) // the version of jsonb's format
	r.text(c.Number.Region)
	if r.seqs != nil {
		r.buf = binary.BigEndian.AppendUint64(append(r.buf, 0, 0, 0, 8), uint64(r.seqs[i]))
	}
	if r.importID != uuid.Nil {
		r.bytes(r.importID[:])
	}
	if r.columns.kind {
		r.text(kindText(c.Number.Kind))
	}
	if r.columns.carrier {
		r.text(c.Number.Carrier)
	}
	if r.columns.key {
		r.text(c.Key)
	}
	if r.columns.priority {
		r.int4(c.Priority)
	}
	if r.columns.tags {
		r.bytes(textArray(c.Tags))
	}
	if r.columns.dnc {
		r.buf = append(r.buf, 0, 0, 0, 1, 0)
		if c.OnDNC {
			r.buf[len(r.buf)-1] = 1
		}
	}
	return nil
}

func kindText(k chance.Kind) string { return k.String() }

func (r *copyRows) phones(id uuid.UUID, phones []ContactPhone) {
	for i := range phones {
		p := &phones[i]
		r.buf = append(r.buf, 0, 7)
		r.bytes(id[:])
		r.buf = append(r.buf, 0, 0, 0, 2, 0, byte(i+1))
		r.text(p.Number.E164)
		r.text(kindText(p.Number.Kind))
		r.zones(p.Number.Zones)
		r.text(p.Number.Region)
		r.text(p.Label)
	}
}

// fieldsJSON is the contact's fields as a JSON object.
func fieldsJSON(c *NewContact) ([]byte, error) {
	switch {
	case c.JSON != nil:
		return c.JSON, nil
	case len(c.Fields) == 0:
		return []byte("{}"), nil
	}
	f, err := json.Marshal(c.Fields)
	if err != nil {
		return nil, fmt.Errorf("fields of a contact: %w", err)
	}
	return f, nil
}

// idSource makes time-ordered UUIDs (RFC 9562, version 7) for many rows: each is above the one before.
type idSource struct {
	rnd  *rand.ChaCha8
	last uint64 // milliseconds and a counter of twelve bits
}

func (g *idSource) next() (id uuid.UUID) {
	if g.rnd == nil {
		var seed [32]byte
		_, _ = crand.Read(seed[:]) // never fails
		g.rnd = rand.NewChaCha8(seed)
		g.last = uint64(time.Now().UnixMilli()) << 12
	}
	g.last++
	binary.BigEndian.PutUint64(id[:8], g.last>>12<<16|0x7000|g.last&0xfff)
	binary.BigEndian.PutUint64(id[8:], g.rnd.Uint64()&(1<<62-1)|1<<63)
	return id
}
