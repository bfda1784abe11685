package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtide/dialtide/lists/filter"
)

// SplitPart is a new list and what goes there. Of all parts of a split the same one of Filter, Weight and Count is set.
type SplitPart struct {
	Name   string `json:"name" minLength:"1" maxLength:"120" doc:"of the new list"`
	Filter string `json:"filter,omitempty" maxLength:"10000" doc:"contacts that fit, and that no part before this has"`
	Weight int    `json:"weight,omitempty" minimum:"0" maximum:"1000" doc:"its share of the contacts"`
	Count  int64  `json:"count,omitempty" minimum:"0" doc:"so many contacts, in the order of the list"`
}

// Split is how a list is split. Contacts that no part takes stay.
type Split struct {
	Parts     []SplitPart `json:"parts" minItems:"1" maxItems:"50"`
	Stay      int         `json:"stay,omitempty" minimum:"0" maximum:"1000" doc:"of shares: the weight of what stays in the list"`
	Campaigns *bool       `json:"campaigns,omitempty" doc:"true (default): campaigns that have the list get the new lists too, so that callbacks and retries go on"`
	Revision  int         `json:"revision" doc:"of the list; another one answers 409"`
}

// MaxSplit bounds the parts of a split.
const MaxSplit = 50

type splitParams struct {
	NewLists []uuid.UUID              `json:"new_lists"`
	Filters  []string                 `json:"filters,omitempty"`
	Types    []map[string]filter.Type `json:"types,omitempty"`
	Weights  []int                    `json:"weights,omitempty"` // the last one stays
	Counts   []int64                  `json:"counts,omitempty"`
	Until    int64                    `json:"until"`
}

// SplitList makes the new lists and a job that moves contacts there. Contacts that are added to the list from now on stay.
// Errors: ErrNotFound, ErrStale (the revision is not the newest), *InputError, *filter.Error.
func (s *Store) SplitList(ctx context.Context, list uuid.UUID, by *uuid.UUID, sp Split) (ListJob, error) {
	l, err := s.List(ctx, list)
	if err != nil {
		return ListJob{}, err
	}
	params, err := s.checkSplit(ctx, list, &sp)
	if err != nil {
		return ListJob{}, fmt.Errorf("split list %s: %w", list, err)
	}
	j := ListJob{ID: newID(), Kind: JobSplit, ListID: &list, CreatedBy: by}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if sp.Campaigns == nil || *sp.Campaigns { // the locks of campaigns come first
			if _, err := lockCampaignsOf(ctx, tx, `SELECT campaign_id FROM campaign_lists WHERE list_id = $1`, list); err != nil {
				return err
			}
		}
		if err := touchList(ctx, tx, list, sp.Revision); err != nil {
			return err
		}
		params.NewLists = nil
		for _, p := range sp.Parts {
			id := newID()
			if err := makeLike(ctx, tx, l, id, p.Name, by); err != nil {
				return err
			}
			params.NewLists = append(params.NewLists, id)
		}
		if sp.Campaigns == nil || *sp.Campaigns {
			if err := joinCampaigns(ctx, tx, []uuid.UUID{list}, params.NewLists); err != nil {
				return err
			}
		}
		if params.Until, j.Total, err = extent(ctx, tx, list); err != nil {
			return err
		}
		return addJob(ctx, tx, j, params)
	})
	if err != nil {
		return ListJob{}, fmt.Errorf("split list %s: %w", list, err)
	}
	return s.ListJob(ctx, j.ID)
}

func (s *Store) checkSplit(ctx context.Context, list uuid.UUID, sp *Split) (p splitParams, err error) {
	if len(sp.Parts) == 0 || len(sp.Parts) > MaxSplit {
		return p, &InputError{"parts", fmt.Sprintf("must be 1 to %d", MaxSplit)}
	}
	for i, part := range sp.Parts {
		at := func(field string) string { return fmt.Sprintf("parts[%d].%s", i, field) }
		if sp.Parts[i].Name = CleanText(part.Name, 1000); sp.Parts[i].Name == "" || utf8.RuneCountInString(sp.Parts[i].Name) > 120 {
			return p, &InputError{at("name"), "must be 1 to 120 characters"}
		}
		kinds := 0
		if part.Filter != "" {
			kinds++
			f, schema, err := s.ParseFilter(ctx, part.Filter, []uuid.UUID{list})
			if err != nil {
				return p, err
			}
			p.Filters, p.Types = append(p.Filters, f.Text()), append(p.Types, usedTypes(f, schema))
		}
		if part.Weight > 0 {
			kinds++
			p.Weights = append(p.Weights, part.Weight)
		}
		if part.Count > 0 {
			kinds++
			p.Counts = append(p.Counts, part.Count)
		}
		if kinds != 1 || part.Weight < 0 || part.Weight > 1000 || part.Count < 0 {
			return p, &InputError{at("filter"), "each part needs one of filter, weight (1 to 1000) and count"}
		}
	}
	if n := len(sp.Parts); len(p.Filters) != n && len(p.Weights) != n && len(p.Counts) != n {
		return p, &InputError{"parts", "all parts must be by filter, all by weight or all by count"}
	}
	if sp.Stay < 0 || sp.Stay > 1000 || sp.Stay > 0 && len(p.Weights) == 0 {
		return p, &InputError{"stay", "goes with weights, from 0 to 1000"}
	}
	if len(p.Weights) > 0 {
		p.Weights = append(p.Weights, sp.Stay)
	}
	return p, nil
}

// touchList says that a person changes the list; revision must be its newest.
func touchList(ctx context.Context, tx pgx.Tx, list uuid.UUID, revision int) error {
	tag, err := tx.Exec(ctx, `UPDATE lists SET revision = revision + 1 WHERE id = $1 AND revision = $2`, list, revision)
	if err == nil && tag.RowsAffected() == 0 {
		var there bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM lists WHERE id = $1)`, list).Scan(&there); err != nil {
			return err
		}
		if !there {
			return ErrNotFound
		}
		return ErrStale
	}
	return err
}

// makeLike makes an empty list with the region and the fields of another.
func makeLike(ctx context.Context, tx pgx.Tx, like List, id uuid.UUID, name string, by *uuid.UUID) error {
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO lists (id, name, region, created_by) VALUES ($1, $2, $3, $4)`, id, name, like.Region, by)
	b.Queue(copyFieldsSQL, like.ID, id)
	return tx.SendBatch(ctx, b).Close()
}

// copyFieldsSQL declares the fields of list $1 for list $2, unless it has them.
const copyFieldsSQL = `INSERT INTO list_fields (list_id, name, type, label, label_zh, position)
	SELECT $2, name, type, label, label_zh, position FROM list_fields WHERE list_id = $1 ON CONFLICT DO NOTHING`

// extent is the last seq of a list and how many contacts it has.
func extent(ctx context.Context, q querier, list uuid.UUID) (until, contacts int64, err error) {
	err = q.QueryRow(ctx, `SELECT coalesce((SELECT max(seq) FROM contacts WHERE list_id = $1), 0),
		coalesce((SELECT sum(contacts) FROM list_zones WHERE list_id = $1), 0)::bigint`, list).Scan(&until, &contacts)
	return until, contacts, err
}

type splitCursor struct {
	Seq   int64   `json:"seq"`
	Taken []int64 `json:"taken,omitempty"` // by part, the last one stays
}

func stepSplit(ctx context.Context, s *Store, tx pgx.Tx, j *workedJob) (did stepped, err error) {
	var p splitParams
	var at splitCursor
	if err := j.read(&p, &at); err != nil {
		return did, err
	}
	if err := lockLists(ctx, tx, append([]uuid.UUID{*j.list}, p.NewLists...)...); err != nil {
		return did, err
	}
	if len(at.Taken) == 0 {
		at.Taken = make([]int64, len(p.NewLists)+1)
	}
	ids, last, err := nextBatch(ctx, tx, *j.list, at.Seq, p.Until)
	if err != nil || len(ids) == 0 {
		return did, err
	}
	groups, err := s.grouped(ctx, tx, &p, at.Taken, ids)
	if err != nil {
		return did, err
	}
	for i, group := range groups {
		moved, err := moveContacts(ctx, tx, *j.list, p.NewLists[i], group)
		if err != nil {
			return did, err
		}
		did.changed, did.skipped = did.changed+moved, did.skipped+int64(len(group))-moved
	}
	at.Seq, did.seen, did.cursor = last, int64(len(ids)), &at
	return did, nil
}

// grouped says which contacts go to which new list.
func (s *Store) grouped(ctx context.Context, tx pgx.Tx, p *splitParams, taken []int64, ids []uuid.UUID) ([][]uuid.UUID, error) {
	groups := make([][]uuid.UUID, len(p.NewLists))
	if len(p.Filters) == 0 {
		for _, id := range ids {
			part := p.next(taken)
			if taken[part]++; part < len(groups) {
				groups[part] = append(groups[part], id)
			}
		}
		return groups, nil
	}
	now, err := s.moment(ctx)
	if err != nil {
		return nil, err
	}
	var cases strings.Builder
	args := []any{ids}
	for i, text := range p.Filters {
		g := Segment{Filter: text, types: p.Types[i], Zone: "UTC"}
		sql, more, err := g.condition(filter.Asked{Now: now, First: len(args) + 1})
		if err != nil {
			return nil, err
		}
		args = append(args, more...)
		fmt.Fprintf(&cases, " WHEN %s THEN %d", sql, i)
	}
	rows, err := tx.Query(ctx, `SELECT c.id, CASE`+cases.String()+` ELSE -1 END FROM contacts c WHERE c.id = ANY ($1) ORDER BY c.seq`, args...)
	if err != nil {
		return nil, err
	}
	var id uuid.UUID
	var part int32
	_, err = pgx.ForEachRow(rows, []any{&id, &part}, func() error {
		if part >= 0 {
			groups[part] = append(groups[part], id)
		}
		return nil
	})
	return groups, err
}

// next is the part that the next contact goes to: the one furthest behind its share, or the first that is not full.
func (p *splitParams) next(taken []int64) int {
	if len(p.Counts) > 0 {
		for i, n := range p.Counts {
			if taken[i] < n {
				return i
			}
		}
		return len(p.Counts)
	}
	var all, weights int64
	for i, w := range p.Weights {
		all, weights = all+taken[i], weights+int64(w)
	}
	best, least := 0, int64(0)
	for i, w := range p.Weights {
		// What is missing to the share of the part once this contact is dealt out, times the sum of weights.
		if missing := int64(w)*(all+1) - taken[i]*weights; w > 0 && (i == 0 || missing > least) {
			best, least = i, missing
		}
	}
	return best
}

// Merge is how lists are merged into one.
type Merge struct {
	Sources   []uuid.UUID `json:"sources" minItems:"1" maxItems:"100" doc:"lists whose contacts move"`
	Archive   bool        `json:"archive,omitempty" doc:"archive sources that are empty at the end; one whose contacts stayed, because the list has their numbers, is left as it is"`
	Campaigns *bool       `json:"campaigns,omitempty" doc:"true (default): campaigns that have one of the sources get this list too"`
	Revision  int         `json:"revision" doc:"of the list; another one answers 409"`
}

type mergeParams struct {
	Sources []uuid.UUID `json:"sources"`
	Until   []int64     `json:"until"`
	Archive bool        `json:"archive"`
}

// MergeLists makes a job that moves the contacts of lists into one. Where it has the number or the key already, the contact
// stays where it is and counts as skipped. Errors: ErrNotFound, ErrStale, ErrInUse (archive, and a running campaign has a
// source), *InputError.
func (s *Store) MergeLists(ctx context.Context, into uuid.UUID, by *uuid.UUID, m Merge) (ListJob, error) {
	if len(m.Sources) == 0 || len(m.Sources) > 100 || slices.Contains(m.Sources, into) {
		return ListJob{}, &InputError{"sources", "must be 1 to 100 other lists"}
	}
	j := ListJob{ID: newID(), Kind: JobMerge, ListID: &into, CreatedBy: by}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		join := m.Campaigns == nil || *m.Campaigns
		if _, err := lockCampaignsOf(ctx, tx, `SELECT campaign_id FROM campaign_lists WHERE list_id = ANY ($1)`, m.Sources); err != nil {
			return err
		}
		if err := touchList(ctx, tx, into, m.Revision); err != nil {
			return err
		}
		p := mergeParams{Sources: m.Sources, Archive: m.Archive}
		j.Total = 0
		for _, source := range m.Sources {
			tag, err := tx.Exec(ctx, `UPDATE lists SET revision = revision + 1 WHERE id = $1`, source)
			if err == nil && tag.RowsAffected() == 0 {
				err = &InputError{"sources", "there is no such list"}
			}
			if err == nil {
				_, err = tx.Exec(ctx, copyFieldsSQL, source, into)
			}
			if err != nil {
				return err
			}
			until, n, err := extent(ctx, tx, source)
			if err != nil {
				return err
			}
			p.Until, j.Total = append(p.Until, until), j.Total+n
		}
		if join {
			if err := joinCampaigns(ctx, tx, m.Sources, []uuid.UUID{into}); err != nil {
				return err
			}
		}
		return addJob(ctx, tx, j, p)
	})
	if err != nil {
		return ListJob{}, fmt.Errorf("merge lists into %s: %w", into, err)
	}
	return s.ListJob(ctx, j.ID)
}

type mergeCursor struct {
	Source int   `json:"source"`
	Seq    int64 `json:"seq"`
}

func stepMerge(ctx context.Context, _ *Store, tx pgx.Tx, j *workedJob) (did stepped, err error) {
	var p mergeParams
	var at mergeCursor
	if err := j.read(&p, &at); err != nil {
		return did, err
	}
	if at.Source >= len(p.Sources) {
		return did, nil
	}
	source := p.Sources[at.Source]
	if err := lockLists(ctx, tx, source, *j.list); err != nil {
		return did, err
	}
	ids, last, err := nextBatch(ctx, tx, source, at.Seq, p.Until[at.Source])
	if err != nil {
		return did, err
	}
	did.cursor = &at
	if len(ids) == 0 {
		if p.Archive {
			if err := archiveEmpty(ctx, tx, source); err != nil {
				return did, err
			}
		}
		at.Source, at.Seq = at.Source+1, 0
		return did, nil
	}
	did.changed, err = moveContacts(ctx, tx, source, *j.list, ids)
	did.seen, did.skipped, at.Seq = int64(len(ids)), int64(len(ids))-did.changed, last
	return did, err
}

// archiveEmpty archives a list that has no contacts left and takes it out of its campaigns. One with contacts stays as it is:
// their callbacks and retries go on.
func archiveEmpty(ctx context.Context, tx pgx.Tx, list uuid.UUID) error {
	tag, err := tx.Exec(ctx, `UPDATE lists SET archived_at = now() WHERE id = $1 AND archived_at IS NULL
		AND NOT EXISTS (SELECT FROM contacts WHERE list_id = $1)`, list)
	if err == nil && tag.RowsAffected() > 0 {
		_, err = tx.Exec(ctx, `DELETE FROM campaign_lists WHERE list_id = $1`, list)
	}
	return err
}

// connectionLost reports whether the database is away, so that the work can go on later.
func connectionLost(err error) bool {
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return true
	case errors.As(err, &pg):
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "40") ||
			pg.Code == "55P03"
	}
	var syntax *json.SyntaxError
	var input *InputError
	return !errors.As(err, &syntax) && !errors.As(err, &input) && pgconn.SafeToRetry(err)
}
