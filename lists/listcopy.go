package lists

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/filter"
)

// Copy is what a list gets copies of.
type Copy struct {
	Source   uuid.UUID `json:"source" format:"uuid" doc:"list whose contacts are copied"`
	Filter   string    `json:"filter,omitempty" maxLength:"10000" doc:"only contacts that fit; empty: all"`
	Revision int       `json:"revision" doc:"of the list that gets them; another one answers 409"`
}

type copyParams struct {
	Sources []uuid.UUID            `json:"sources"` // one
	Filter  string                 `json:"filter,omitempty"`
	Types   map[string]filter.Type `json:"types,omitempty"`
	Until   int64                  `json:"until"`
}

type seqCursor struct {
	Seq int64 `json:"seq"`
}

// CopyContacts makes a job that adds copies of another list's contacts, with their further numbers, fields and tags but
// without their history, which is that of the originals. Where the list has the number or the key already, the copy is skipped.
// Errors: ErrNotFound, ErrStale, *InputError, *filter.Error.
func (s *Store) CopyContacts(ctx context.Context, into uuid.UUID, by *uuid.UUID, c Copy) (ListJob, error) {
	if c.Source == into {
		return ListJob{}, &InputError{"source", "must be another list"}
	}
	p := copyParams{Sources: []uuid.UUID{c.Source}}
	if c.Filter != "" {
		f, schema, err := s.ParseFilter(ctx, c.Filter, p.Sources)
		if err != nil {
			return ListJob{}, fmt.Errorf("copy into list %s: %w", into, err)
		}
		p.Filter, p.Types = f.Text(), usedTypes(f, schema)
	}
	j := ListJob{ID: newID(), Kind: JobCopy, ListID: &into, CreatedBy: by}
	err := s.tx(ctx, func(tx pgx.Tx) (err error) {
		if err := touchList(ctx, tx, into, c.Revision); err != nil {
			return err
		}
		var there bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM lists WHERE id = $1)`, c.Source).Scan(&there); err != nil {
			return err
		}
		if !there {
			return &InputError{"source", "there is no such list"}
		}
		if _, err := tx.Exec(ctx, copyFieldsSQL, c.Source, into); err != nil {
			return err
		}
		if p.Until, j.Total, err = extent(ctx, tx, c.Source); err != nil {
			return err
		}
		return addJob(ctx, tx, j, p)
	})
	if err != nil {
		return ListJob{}, fmt.Errorf("copy into list %s: %w", into, err)
	}
	return s.ListJob(ctx, j.ID)
}

// copySQL copies contacts ($2 to $3, ids made here); a number or key that the list has already is passed over.
const copySQL = `
WITH i AS MATERIALIZED (SELECT * FROM unnest($2::uuid[], $3::uuid[]) AS i(old, new)),
added AS (
	INSERT INTO contacts (id, list_id, phone, name, zones, fields, kind, region, carrier, key, priority, tags, dnc)
	SELECT i.new, $1, c.phone, c.name, c.zones, c.fields, c.kind, c.region, c.carrier, c.key, c.priority, c.tags, c.dnc
	FROM i JOIN contacts c ON c.id = i.old ORDER BY c.seq
	ON CONFLICT DO NOTHING RETURNING id, list_id, zones, region, priority),
counted AS (
	INSERT INTO list_zones AS z (list_id, zones, region, contacts)
	SELECT list_id, zones, region, count(*) FROM added GROUP BY list_id, zones, region ORDER BY zones, region
	ON CONFLICT (list_id, zones, region) DO UPDATE SET contacts = z.contacts + excluded.contacts),
phones AS (
	INSERT INTO contact_phones (contact_id, pos, phone, kind, zones, region, label)
	SELECT a.id, p.pos, p.phone, p.kind, p.zones, p.region, p.label FROM added a JOIN i ON i.new = a.id JOIN contact_phones p ON p.contact_id = i.old)
SELECT count(*), array_agg(id) FILTER (WHERE priority > 0) FROM added`

func stepCopy(ctx context.Context, s *Store, tx pgx.Tx, j *workedJob) (did stepped, err error) {
	var p copyParams
	var at seqCursor
	if err := j.read(&p, &at); err != nil {
		return did, err
	}
	ids, last, err := nextBatch(ctx, tx, p.Sources[0], at.Seq, p.Until)
	if err != nil || len(ids) == 0 {
		return did, err
	}
	did.seen, did.cursor = int64(len(ids)), &seqCursor{last}
	if ids, err = s.fitting(ctx, tx, p.Filter, p.Types, ids); err != nil {
		return did, err
	}
	news := make([]uuid.UUID, len(ids))
	for i := range news {
		news[i] = newID()
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2::text))`, lockList, j.list.String()); err != nil {
		return did, err
	}
	var hot []uuid.UUID
	if err := tx.QueryRow(ctx, copySQL, *j.list, ids, news).Scan(&did.changed, &hot); err != nil {
		return did, err
	}
	if len(hot) > 0 {
		if _, err := tx.Exec(ctx, feedHotSQL, hot); err != nil {
			return did, err
		}
	}
	did.skipped = int64(len(ids)) - did.changed
	return did, nil
}

// fitting returns the contacts that fit a filter, in the order of their list; "" fits all.
func (s *Store) fitting(ctx context.Context, q querier, text string, types map[string]filter.Type, ids []uuid.UUID) ([]uuid.UUID, error) {
	return s.fittingIn(ctx, q, Segment{Filter: text, types: types, Zone: "UTC"}, ids)
}

func (s *Store) fittingIn(ctx context.Context, q querier, g Segment, ids []uuid.UUID) ([]uuid.UUID, error) {
	if g.Filter == "" {
		return ids, nil
	}
	now, err := s.moment(ctx)
	if err != nil {
		return nil, err
	}
	sql, args, err := g.condition(filter.Asked{Now: now, First: 2})
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT c.id FROM contacts c WHERE c.id = ANY ($1) AND `+sql+` ORDER BY c.seq`, append([]any{ids}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// Tagging gives contacts of a list tags and takes tags from them.
type Tagging struct {
	Filter string   `json:"filter,omitempty" maxLength:"10000" doc:"only contacts that fit; empty: all"`
	Add    []string `json:"add,omitempty" maxItems:"20"`
	Remove []string `json:"remove,omitempty" maxItems:"20"`
}

// MaxTags bounds the tags of a contact.
const MaxTags = 50

type tagParams struct {
	Filter string                 `json:"filter,omitempty"`
	Types  map[string]filter.Type `json:"types,omitempty"`
	Zone   string                 `json:"zone,omitempty"` // in which days of relative dates begin; "": UTC
	Add    []string               `json:"add"`
	Remove []string               `json:"remove"`
	Until  int64                  `json:"until"`
}

// cleanTags returns tags without doubles and blanks around them.
func cleanTags(field string, tags []string) ([]string, error) {
	out := []string{}
	for _, t := range tags {
		clean := CleanText(t, 41)
		if clean == "" || len([]rune(clean)) > 40 {
			return nil, &InputError{field, "a tag has 1 to 40 characters"}
		}
		if !slices.Contains(out, clean) {
			out = append(out, clean)
		}
	}
	if len(out) > 20 {
		return nil, &InputError{field, "at most 20 tags at a time"}
	}
	return out, nil
}

// TagContacts makes a job that tags contacts of a list. Errors: ErrNotFound, *InputError, *filter.Error.
func (s *Store) TagContacts(ctx context.Context, list uuid.UUID, by *uuid.UUID, t Tagging) (ListJob, error) {
	p, err := tagging(t.Add, t.Remove)
	if err != nil {
		return ListJob{}, err
	}
	if _, err := s.List(ctx, list); err != nil {
		return ListJob{}, err
	}
	if t.Filter != "" {
		f, schema, err := s.ParseFilter(ctx, t.Filter, []uuid.UUID{list})
		if err != nil {
			return ListJob{}, fmt.Errorf("tag contacts of list %s: %w", list, err)
		}
		p.Filter, p.Types = f.Text(), usedTypes(f, schema)
	}
	j := ListJob{ID: newID(), Kind: JobTag, ListID: &list, CreatedBy: by}
	err = s.tx(ctx, func(tx pgx.Tx) (err error) {
		if p.Until, j.Total, err = extent(ctx, tx, list); err != nil {
			return err
		}
		return addJob(ctx, tx, j, p)
	})
	if err != nil {
		return ListJob{}, fmt.Errorf("tag contacts of list %s: %w", list, err)
	}
	return s.ListJob(ctx, j.ID)
}

// tagSQL keeps the order of tags and leaves contacts alone that would not change or would have too many.
const tagSQL = `WITH n AS MATERIALIZED (SELECT c.id, ARRAY(SELECT t FROM unnest(c.tags || $2::text[]) WITH ORDINALITY AS u(t, no)
		WHERE t <> ALL ($3::text[]) GROUP BY t ORDER BY min(no)) AS tags FROM contacts c WHERE c.id = ANY ($1) ORDER BY c.id FOR NO KEY UPDATE OF c)
	UPDATE contacts c SET tags = n.tags FROM n WHERE c.id = n.id AND c.id = ANY ($1) AND c.tags <> n.tags AND cardinality(n.tags) <= $4`

func stepTag(ctx context.Context, s *Store, tx pgx.Tx, j *workedJob) (did stepped, err error) {
	var p tagParams
	var at seqCursor
	if err := j.read(&p, &at); err != nil {
		return did, err
	}
	ids, last, err := nextBatch(ctx, tx, *j.list, at.Seq, p.Until)
	if err != nil || len(ids) == 0 {
		return did, err
	}
	did.seen, did.cursor = int64(len(ids)), &seqCursor{last}
	g := Segment{Filter: p.Filter, types: p.Types, Zone: cmp.Or(p.Zone, "UTC")}
	if ids, err = s.fittingIn(ctx, tx, g, ids); err != nil {
		return did, err
	}
	tag, err := tx.Exec(ctx, tagSQL, ids, p.Add, p.Remove, MaxTags)
	did.changed = tag.RowsAffected()
	return did, err
}

// SetTags makes the tags of one contact these. ErrNotFound, *InputError.
func (s *Store) SetTags(ctx context.Context, contact uuid.UUID, tags []string) error {
	tags, err := cleanTags("tags", tags)
	if err != nil {
		return err
	}
	tag, err := s.pool.Exec(ctx, `UPDATE contacts SET tags = $2 WHERE id = $1`, contact, tags)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("tags of contact %s: %w", contact, err)
	}
	return nil
}
