package lists

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/filter"
)

// ExportedContact is one row of an export.
type ExportedContact struct {
	ID          uuid.UUID
	Phone       string
	MorePhones  []string
	Name        string
	Key         string
	Kind        string
	Region      string
	Zones       []string
	Tags        []string
	Priority    int32
	CreatedAt   time.Time
	Fields      map[string]string
	Attempts    int64
	LastAttempt *time.Time
	LastOutcome string
	Disposition string
}

// Export is contacts that go out: a list, or what a filter takes of it, as it is when the rows are read.
type Export struct {
	Fields []string // names of custom fields, in the order of their columns
	Total  int64    // contacts of the list; with a filter the most that there can be

	s      *Store
	list   uuid.UUID
	filter *Segment
}

// ExportContacts prepares an export of a list; text is a filter, "" for all. Errors: ErrNotFound, *filter.Error.
func (s *Store) ExportContacts(ctx context.Context, list uuid.UUID, text string) (*Export, error) {
	l, err := s.List(ctx, list)
	if err != nil {
		return nil, err
	}
	e := &Export{Total: l.Contacts, s: s, list: list}
	schema, err := s.FilterSchema(ctx, []uuid.UUID{list})
	if err != nil {
		return nil, err
	}
	for _, f := range schema.Fields() {
		if f.Custom {
			e.Fields = append(e.Fields, f.Name)
		}
	}
	if text != "" {
		f, err := filter.Parse(text, schema)
		if err != nil {
			return nil, fmt.Errorf("export list %s: %w", list, err)
		}
		e.filter = &Segment{Filter: f.Text(), types: usedTypes(f, schema), Zone: "UTC"}
	}
	return e, nil
}

const exportSQL = `SELECT c.id, c.seq, c.phone, ARRAY(SELECT p.phone FROM contact_phones p WHERE p.contact_id = c.id ORDER BY p.pos), c.name, c.key, c.kind, c.region,
	c.zones, c.tags, c.priority, c.created_at, c.fields, (SELECT count(*) FROM attempts a WHERE a.contact_id = c.id AND a.outcome <> ALL ($4)), a.permit_at,
	coalesce(a.outcome, ''), coalesce((SELECT d.code FROM dispositions d WHERE d.contact_id = c.id ORDER BY d.at DESC, d.id DESC LIMIT 1), '')
	FROM (SELECT * FROM contacts WHERE list_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) c
	LEFT JOIN LATERAL (SELECT permit_at, outcome FROM attempts WHERE contact_id = c.id ORDER BY permit_at DESC LIMIT 1) a ON true `

const exportRows = 1000 // that are in memory at a time

// Each calls fn for every contact, in batches that hold no snapshot in between.
func (e *Export) Each(ctx context.Context, fn func(*ExportedContact) error) error {
	for after := int64(0); ; {
		ids, last, err := e.batch(ctx, after, fn)
		if err != nil {
			return fmt.Errorf("export list %s: %w", e.list, err)
		}
		if ids == 0 {
			return nil
		}
		after = last
	}
}

func (e *Export) batch(ctx context.Context, after int64, fn func(*ExportedContact) error) (looked int, last int64, err error) {
	ids, last, err := exportBatch(ctx, e.s.pool, e.list, after)
	if err != nil || len(ids) == 0 {
		return 0, 0, err
	}
	fit := ids
	if e.filter != nil {
		if fit, err = e.s.fitting(ctx, e.s.pool, e.filter.Filter, e.filter.types, ids); err != nil {
			return 0, 0, err
		}
		if len(fit) == 0 {
			return len(ids), last, nil
		}
	}
	chosen := make(map[uuid.UUID]bool, len(fit))
	for _, id := range fit {
		chosen[id] = true
	}
	rows, err := e.s.pool.Query(ctx, exportSQL+`ORDER BY c.seq`, e.list, after, len(ids), notCounting)
	if err != nil {
		return 0, 0, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c ExportedContact, err error) {
		var seq int64
		err = row.Scan(&c.ID, &seq, &c.Phone, &c.MorePhones, &c.Name, &c.Key, &c.Kind, &c.Region, &c.Zones, &c.Tags, &c.Priority, &c.CreatedAt,
			(*fields)(&c.Fields), &c.Attempts, &c.LastAttempt, &c.LastOutcome, &c.Disposition)
		return c, err
	})
	if err != nil {
		return 0, 0, err
	}
	for i := range found {
		if chosen[found[i].ID] {
			if err := fn(&found[i]); err != nil {
				return 0, 0, err
			}
		}
	}
	return len(ids), last, nil
}

func exportBatch(ctx context.Context, q querier, list uuid.UUID, after int64) (ids []uuid.UUID, last int64, err error) {
	rows, err := q.Query(ctx, `SELECT id, seq FROM contacts WHERE list_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`, list, after, exportRows)
	if err != nil {
		return nil, 0, err
	}
	var id uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&id, &last}, func() error {
		ids = append(ids, id)
		return nil
	})
	return slices.Clip(ids), last, err
}
