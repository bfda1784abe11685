package evidence

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/lists"
)

// Ask says what a pack is about.
type Ask struct {
	Campaign uuid.UUID
	From, To time.Time // To is not in it
	By       uuid.UUID // who asked; uuid.Nil: the system
	// Cell makes a cell of a CSV file harmless for spreadsheets.
	Cell func(string) string
}

// Manifest names what is in a pack. Its own bytes are the last file.
type Manifest struct {
	Format   string    `json:"format"`
	Campaign uuid.UUID `json:"campaign_id"`
	Name     string    `json:"campaign"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	MadeAt   time.Time `json:"made_at"`
	MadeBy   uuid.UUID `json:"made_by"`
	Audit    Head      `json:"audit"`
	Files    []File    `json:"files"`

	sum string
}

// Head is where the audit log's hash chain stood.
type Head struct {
	Entries int64  `json:"entries"`
	Hash    string `json:"hash"`
}

// File is one file of a pack.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"` // of tables; without their heads
}

// Sum is the SHA-256 of the manifest's bytes, in hexadecimal.
func (m *Manifest) Sum() string { return m.sum }

const (
	format       = "dialtide-evidence-1"
	manifestName = "manifest.json"
)

// Write streams a pack. The caller has written the audit row of the export before. Errors: lists.ErrNotFound.
func Write(ctx context.Context, w io.Writer, pool *pgxpool.Pool, ask Ask) (m Manifest, err error) {
	err = pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		p := packing{tx: tx, ask: ask, zip: zip.NewWriter(w)}
		if p.ask.Cell == nil {
			p.ask.Cell = func(s string) string { return s }
		}
		if err := p.begin(ctx); err != nil {
			return err
		}
		if err := p.texts(ctx); err != nil {
			return err
		}
		for _, t := range tables {
			if err := p.table(ctx, t); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
		m = p.m
		return p.close(&m)
	})
	if err != nil {
		return Manifest{}, fmt.Errorf("evidence of campaign %s: %w", ask.Campaign, err)
	}
	return m, nil
}

// Check says whether a pack can be made: lists.ErrNotFound when there is no such campaign.
func Check(ctx context.Context, pool *pgxpool.Pool, campaign uuid.UUID) error {
	var is bool
	if err := pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM campaigns WHERE id = $1)`, campaign).Scan(&is); err != nil {
		return err
	}
	if !is {
		return lists.ErrNotFound
	}
	return nil
}

// packing is one pack under way.
type packing struct {
	tx       pgx.Tx
	ask      Ask
	zip      *zip.Writer
	m        Manifest
	settings []byte
	at       time.Time
}

func (p *packing) begin(ctx context.Context) error {
	var head []byte
	p.m = Manifest{Format: format, Campaign: p.ask.Campaign, From: p.ask.From.UTC(), To: p.ask.To.UTC(), MadeBy: p.ask.By}
	err := p.tx.QueryRow(ctx, `SELECT c.name, c.settings, now(), h.entries, h.hash FROM campaigns c, audit_head h WHERE c.id = $1`, p.ask.Campaign).
		Scan(&p.m.Name, &p.settings, &p.m.MadeAt, &p.m.Audit.Entries, &head)
	if err == pgx.ErrNoRows {
		return lists.ErrNotFound
	}
	p.m.MadeAt, p.m.Audit.Hash = p.m.MadeAt.UTC(), hex.EncodeToString(head)
	p.at = p.m.MadeAt
	return err
}

// counter hashes and counts what goes into a file.
type counter struct {
	w    io.Writer
	hash hash.Hash
	n    int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.hash.Write(b[:n])
	c.n += int64(n)
	return n, err
}

// file adds a file that fill writes; it returns the number of rows.
func (p *packing) file(name string, fill func(io.Writer) (int64, error)) error {
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.at})
	if err != nil {
		return err
	}
	c := &counter{w: w, hash: sha256.New()}
	rows, err := fill(c)
	if err != nil {
		return err
	}
	p.m.Files = append(p.m.Files, File{Name: name, SHA256: hex.EncodeToString(c.hash.Sum(nil)), Bytes: c.n, Rows: rows})
	return nil
}

// close writes the manifest, which is in no manifest.
func (p *packing) close(m *Manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	m.sum = hex.EncodeToString(sum[:])
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: manifestName, Method: zip.Deflate, Modified: p.at})
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	return p.zip.Close()
}

func (p *packing) json(name string, v any) error {
	return p.file(name, func(w io.Writer) (int64, error) {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return 0, e.Encode(v)
	})
}

// table streams the rows of a query as CSV; every column is text.
func (p *packing) table(ctx context.Context, t table) error {
	rows, err := p.tx.Query(ctx, t.sql, p.ask.Campaign, p.ask.From, p.ask.To)
	if err != nil {
		return err
	}
	defer rows.Close()
	return p.file(t.name, func(w io.Writer) (n int64, err error) {
		out := csv.NewWriter(w)
		cells := make([]*string, len(rows.FieldDescriptions()))
		record := make([]string, len(cells))
		to := make([]any, len(cells))
		for i, f := range rows.FieldDescriptions() {
			record[i], to[i] = f.Name, &cells[i]
		}
		if err := out.Write(record); err != nil {
			return 0, err
		}
		for rows.Next() {
			if err := rows.Scan(to...); err != nil {
				return n, err
			}
			for i, c := range cells {
				record[i] = ""
				if c != nil {
					record[i] = p.ask.Cell(*c)
				}
			}
			if err := out.Write(record); err != nil {
				return n, err
			}
			n++
		}
		out.Flush()
		if err := out.Error(); err != nil {
			return n, err
		}
		return n, rows.Err()
	})
}
