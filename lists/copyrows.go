package lists

import (
	"bytes"
	crand "crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists/chance"
)

const (
	copyContactsSQL = `COPY contacts (id, list_id, import_id, phone, name, zones, fields, kind, region, carrier, key, priority, tags, dnc) FROM STDIN BINARY`
	copyPhonesSQL   = `COPY contact_phones (contact_id, pos, phone, kind, zones, region, label) FROM STDIN BINARY`
)

// copyRows writes rows in PostgreSQL's binary COPY format: a third of the cost of going through values and their codecs.
type copyRows struct {
	list, importID uuid.UUID
	buf            []byte
	arrays         map[*string][]byte // encoded zones by their first element: the library gives the same slices again and again
	json           []byte
}

// rowBytes is what a contact mostly takes; where it takes more, the buffer grows.
const rowBytes = 640

var copyHeader = append([]byte("PGCOPY\n\xff\r\n\x00"), 0, 0, 0, 0, 0, 0, 0, 0)

// newCopyRows is for about n rows.
func newCopyRows(list, importID uuid.UUID, n int) *copyRows {
	r := &copyRows{list: list, importID: importID, arrays: map[*string][]byte{}, buf: make([]byte, 0, 1024+n*rowBytes)}
	r.begin()
	return r
}

func (r *copyRows) begin() { r.buf = append(r.buf[:0], copyHeader...) }

// reader ends the rows and gives them.
func (r *copyRows) reader() *bytes.Reader {
	return bytes.NewReader(append(r.buf, 0xff, 0xff))
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

func (r *copyRows) null() { r.buf = append(r.buf, 0xff, 0xff, 0xff, 0xff) }

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

func (r *copyRows) contact(id uuid.UUID, c *NewContact) error {
	r.buf = append(r.buf, 0, 14)
	r.bytes(id[:])
	r.bytes(r.list[:])
	if r.importID == uuid.Nil {
		r.null()
	} else {
		r.bytes(r.importID[:])
	}
	r.text(c.Number.E164)
	r.text(c.Name)
	r.zones(c.Number.Zones)
	f, err := fieldsJSON(c)
	if err != nil {
		return err
	}
	r.buf = binary.BigEndian.AppendUint32(r.buf, uint32(1+len(f)))
	r.buf = append(append(r.buf, 1), f...) // the version of jsonb's format
	r.text(kindText(c.Number.Kind))
	r.text(c.Number.Region)
	r.text(c.Number.Carrier)
	r.text(c.Key)
	r.int4(c.Priority)
	if len(c.Tags) == 0 {
		r.bytes(noTexts)
	} else {
		r.bytes(textArray(c.Tags))
	}
	r.buf = append(r.buf, 0, 0, 0, 1, 0)
	if c.OnDNC {
		r.buf[len(r.buf)-1] = 1
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
