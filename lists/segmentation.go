package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/filter"
)

// Segmentation parts contacts into segments: each contact is in the first one that fits, or in the rest.
type Segmentation struct {
	ID         uuid.UUID          `json:"id"`
	Name       string             `json:"name"`
	SegmentIDs []uuid.UUID        `json:"segment_ids" nullable:"false" doc:"in their order"`
	ListIDs    []uuid.UUID        `json:"list_ids" nullable:"false" doc:"lists whose contacts are parted; empty: all"`
	Ordered    bool               `json:"ordered" doc:"true: overlaps are meant, the first segment that fits has the contact; false: the segments are declared disjoint, and a check shows where they are not"`
	Revision   int                `json:"revision"`
	Check      *SegmentationCheck `json:"check" doc:"the last check; null: never checked, or changed since"`
	CreatedBy  *uuid.UUID         `json:"created_by"`
	CreatedAt  time.Time          `json:"created_at"`
	UpdatedAt  time.Time          `json:"updated_at"`
}

// MaxParts bounds the segments of a segmentation.
const MaxParts = 20

// SegmentationCheck is how a segmentation parts its contacts: Of = the sum of Parts.Contacts + Rest.Contacts.
type SegmentationCheck struct {
	Of       int64     `json:"of" doc:"contacts that were looked at"`
	Parts    []Part    `json:"parts" nullable:"false"`
	Rest     Overlap   `json:"rest" doc:"contacts in no segment: the gaps"`
	Overlaps []Overlap `json:"overlaps" nullable:"false" doc:"contacts in several segments, by which; at most 100, the largest first"`
	Sound    bool      `json:"sound" doc:"no overlaps, or they are meant"`
	At       time.Time `json:"at"`
	Took     int64     `json:"took_ms"`
}

// Part is one segment of a segmentation.
type Part struct {
	SegmentID uuid.UUID `json:"segment_id"`
	Contacts  int64     `json:"contacts" doc:"that it has, without those of earlier segments"`
	Fits      int64     `json:"fits" doc:"that fit its filter"`
}

// Overlap is a group of contacts in the same several segments, or in none.
type Overlap struct {
	SegmentIDs []uuid.UUID `json:"segment_ids" nullable:"false"`
	Contacts   int64       `json:"contacts"`
	Examples   []uuid.UUID `json:"examples" nullable:"false" doc:"some of the contacts"`
}

const segmentationSQL = `SELECT n.id, n.name, coalesce((SELECT array_agg(p.segment_id ORDER BY p.position) FROM segmentation_parts p
	WHERE p.segmentation_id = n.id), '{}'), n.list_ids, n.ordered, n.revision, n.checked, n.created_by, n.created_at, n.updated_at FROM segmentations n `

func scanSegmentation(row pgx.CollectableRow) (n Segmentation, err error) {
	var checked []byte
	err = row.Scan(&n.ID, &n.Name, &n.SegmentIDs, &n.ListIDs, &n.Ordered, &n.Revision, &checked, &n.CreatedBy, &n.CreatedAt, &n.UpdatedAt)
	if err == nil && checked != nil {
		err = json.Unmarshal(checked, &n.Check)
	}
	return n, err
}

// Segmentations returns all of them by name.
func (s *Store) Segmentations(ctx context.Context) ([]Segmentation, error) {
	rows, err := s.pool.Query(ctx, segmentationSQL+`ORDER BY n.name`)
	if err != nil {
		return nil, fmt.Errorf("segmentations: %w", err)
	}
	out, err := pgx.CollectRows(rows, scanSegmentation)
	if err != nil {
		return nil, fmt.Errorf("segmentations: %w", err)
	}
	return out, nil
}

// Segmentation returns one, or ErrNotFound.
func (s *Store) Segmentation(ctx context.Context, id uuid.UUID) (Segmentation, error) {
	n, err := segmentation(ctx, s.pool, id)
	if err != nil {
		return Segmentation{}, fmt.Errorf("segmentation %s: %w", id, err)
	}
	return n, nil
}

func segmentation(ctx context.Context, q querier, id uuid.UUID) (Segmentation, error) {
	rows, err := q.Query(ctx, segmentationSQL+`WHERE n.id = $1`, id)
	if err != nil {
		return Segmentation{}, err
	}
	n, err := pgx.CollectExactlyOneRow(rows, scanSegmentation)
	if noRows(err) {
		err = ErrNotFound
	}
	return n, err
}

// CreateSegmentation stores a segmentation. Errors: *InputError (name, segment_ids, list_ids), ErrExists.
func (s *Store) CreateSegmentation(ctx context.Context, n Segmentation) (Segmentation, error) {
	if n.ID == uuid.Nil {
		n.ID = newID()
	}
	err := s.checkSegmentation(ctx, &n)
	if err == nil {
		err = s.tx(ctx, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO segmentations (id, name, list_ids, ordered, created_by) VALUES ($1, $2, $3, $4, $5)`,
				n.ID, n.Name, n.ListIDs, n.Ordered, n.CreatedBy); err != nil {
				return err
			}
			return setParts(ctx, tx, n)
		})
	}
	if err != nil {
		return Segmentation{}, fmt.Errorf("create segmentation: %w", partError(err))
	}
	return s.Segmentation(ctx, n.ID)
}

// UpdateSegmentation changes a segmentation when n.Revision is still the newest, else ErrStale. A segment that a campaign calls
// as a part cannot leave: ErrInUse.
func (s *Store) UpdateSegmentation(ctx context.Context, n Segmentation) (Segmentation, error) {
	err := s.checkSegmentation(ctx, &n)
	if err == nil {
		err = s.tx(ctx, func(tx pgx.Tx) error { return updateSegmentation(ctx, tx, n) })
	}
	if err != nil {
		return Segmentation{}, fmt.Errorf("update segmentation %s: %w", n.ID, partError(err))
	}
	return s.Segmentation(ctx, n.ID)
}

func updateSegmentation(ctx context.Context, tx pgx.Tx, n Segmentation) error {
	campaigns, err := lockCampaignsOf(ctx, tx, `SELECT campaign_id FROM campaign_segments WHERE segmentation_id = $1`, n.ID)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `UPDATE segmentations SET name = $3, list_ids = $4, ordered = $5, revision = revision + 1, checked = NULL, updated_at = now()
		WHERE id = $1 AND revision = $2`, n.ID, n.Revision, n.Name, n.ListIDs, n.Ordered)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		if _, err := segmentation(ctx, tx, n.ID); err != nil {
			return err
		}
		return ErrStale
	}
	if err := setParts(ctx, tx, n); err != nil {
		return err
	}
	return walkAgain(ctx, tx, campaigns)
}

// setParts makes the parts those of n; campaigns that name a part keep it.
func setParts(ctx context.Context, tx pgx.Tx, n Segmentation) error {
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM segmentation_parts WHERE segmentation_id = $1 AND segment_id <> ALL ($2)`, n.ID, n.SegmentIDs)
	b.Queue(`UPDATE segmentation_parts SET position = -1 - position WHERE segmentation_id = $1`, n.ID) // out of the way of the new ones
	b.Queue(`INSERT INTO segmentation_parts AS p (segmentation_id, segment_id, position) SELECT $1, i.id, i.no FROM unnest($2::uuid[]) WITH ORDINALITY AS i(id, no)
		ON CONFLICT (segmentation_id, segment_id) DO UPDATE SET position = excluded.position`, n.ID, n.SegmentIDs)
	return tx.SendBatch(ctx, b).Close()
}

// DeleteSegmentation removes one that no campaign has, else ErrInUse. Its segments stay.
func (s *Store) DeleteSegmentation(ctx context.Context, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM segmentations WHERE id = $1`, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("delete segmentation %s: %w", id, segmentError(err))
	}
	return nil
}

func (s *Store) checkSegmentation(ctx context.Context, n *Segmentation) (err error) {
	if n.Name = CleanText(n.Name, 1000); n.Name == "" || utf8.RuneCountInString(n.Name) > 120 {
		return &InputError{"name", "must be 1 to 120 characters"}
	}
	if len(n.SegmentIDs) == 0 || len(n.SegmentIDs) > MaxParts {
		return &InputError{"segment_ids", fmt.Sprintf("must be 1 to %d segments", MaxParts)}
	}
	for i, id := range n.SegmentIDs {
		if slices.Contains(n.SegmentIDs[:i], id) {
			return &InputError{"segment_ids", "a segment is there twice"}
		}
	}
	n.ListIDs, err = s.checkScope(ctx, n.ListIDs)
	return err
}

func partError(err error) error {
	if violated(err) == "segmentation_parts_segment_id_fkey" {
		return &InputError{"segment_ids", "there is no such segment"}
	}
	return segmentError(err)
}

const overlapsShown = 100

// CheckSegmentation looks at every contact of the segmentation's lists: how many each segment has, which are in several and
// which in none. It may take minutes for millions of contacts, and keeps what it found.
func (s *Store) CheckSegmentation(ctx context.Context, id uuid.UUID) (SegmentationCheck, error) {
	n, err := s.Segmentation(ctx, id)
	if err != nil {
		return SegmentationCheck{}, err
	}
	c, err := s.checkParts(ctx, n)
	if err == nil {
		var raw []byte
		if raw, err = json.Marshal(c); err == nil {
			_, err = s.pool.Exec(ctx, `UPDATE segmentations SET checked = $3::jsonb WHERE id = $1 AND revision = $2`, id, n.Revision, string(raw))
		}
	}
	if err != nil {
		return SegmentationCheck{}, fmt.Errorf("check segmentation %s: %w", id, err)
	}
	return c, nil
}

func (s *Store) checkParts(ctx context.Context, n Segmentation) (c SegmentationCheck, err error) {
	began := s.local()
	if c.At, err = s.moment(ctx); err != nil {
		return c, err
	}
	args := []any{scope(n.ListIDs)}
	var masks []string
	for i, id := range n.SegmentIDs {
		g, err := s.Segment(ctx, id)
		if err != nil {
			return c, err
		}
		sql, more, err := g.condition(filter.Asked{Now: c.At, First: len(args) + 1})
		if err != nil {
			return c, err
		}
		args = append(args, more...)
		masks = append(masks, fmt.Sprintf("CASE WHEN %s THEN %d ELSE 0 END", sql, 1<<i))
		c.Parts = append(c.Parts, Part{SegmentID: id})
	}
	c.Overlaps, c.Rest = []Overlap{}, Overlap{SegmentIDs: []uuid.UUID{}, Examples: []uuid.UUID{}}
	err = s.patient(ctx, exactPatience, func(tx pgx.Tx) error {
		// Ids are chosen by time: the first and the last of a group are its oldest and newest contacts.
		rows, err := tx.Query(ctx, `SELECT mask, count(*), min(id::text), max(id::text) FROM (SELECT c.id, `+strings.Join(masks, " + ")+` AS mask
			FROM contacts c WHERE cardinality($1::uuid[]) = 0 OR c.list_id = ANY ($1)) m GROUP BY mask ORDER BY count(*) DESC, mask`, args...)
		if err != nil {
			return err
		}
		var mask int32
		var contacts int64
		var first, last uuid.UUID
		_, err = pgx.ForEachRow(rows, []any{&mask, &contacts, &first, &last}, func() error {
			c.add(uint32(mask), contacts, slices.Compact([]uuid.UUID{first, last}))
			return nil
		})
		return err
	})
	c.Sound = n.Ordered || len(c.Overlaps) == 0
	c.Took = s.local().Sub(began).Milliseconds()
	return c, err
}

// add counts a group of contacts that fit the same segments.
func (c *SegmentationCheck) add(mask uint32, contacts int64, examples []uuid.UUID) {
	c.Of += contacts
	if mask == 0 {
		c.Rest.Contacts, c.Rest.Examples = contacts, examples
		return
	}
	c.Parts[bits.TrailingZeros32(mask)].Contacts += contacts
	var ids []uuid.UUID
	for i := range c.Parts {
		if mask&(1<<i) != 0 {
			c.Parts[i].Fits += contacts
			ids = append(ids, c.Parts[i].SegmentID)
		}
	}
	if len(ids) > 1 && len(c.Overlaps) < overlapsShown {
		c.Overlaps = append(c.Overlaps, Overlap{ids, contacts, examples})
	}
}
