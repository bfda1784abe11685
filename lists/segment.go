package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/lists/filter"
)

// ErrInUse says that something cannot go, or change, while others need it; the text says who.
var ErrInUse = errors.New("it is in use")

// Segment is a saved filter: the contacts that fit it, in all lists or in some.
type Segment struct {
	ID        uuid.UUID     `json:"id"`
	Name      string        `json:"name"`
	Filter    string        `json:"filter" doc:"canonical text of the filter"`
	ListIDs   []uuid.UUID   `json:"list_ids" nullable:"false" doc:"empty: all lists"`
	Zone      string        `json:"zone" doc:"IANA zone in which the days of relative dates begin"`
	Revision  int           `json:"revision" doc:"grows with each change; send it back with an update"`
	Count     *SegmentCount `json:"count" doc:"the last count; null: never counted"`
	CreatedBy *uuid.UUID    `json:"created_by"`
	CreatedAt time.Time     `json:"created_at"`
	UpdatedAt time.Time     `json:"updated_at"`

	types map[string]filter.Type
}

// MaxSegmentLists bounds the lists that a segment names.
const MaxSegmentLists = 200

const segmentSQL = `SELECT s.id, s.name, s.definition, s.list_ids, s.zone, s.revision, s.counted, s.created_by, s.created_at, s.updated_at, s.types
	FROM segments s `

func scanSegment(row pgx.CollectableRow) (g Segment, err error) {
	var counted, types []byte
	err = row.Scan(&g.ID, &g.Name, &g.Filter, &g.ListIDs, &g.Zone, &g.Revision, &counted, &g.CreatedBy, &g.CreatedAt, &g.UpdatedAt, &types)
	if err == nil && counted != nil {
		err = json.Unmarshal(counted, &g.Count)
	}
	if err == nil {
		err = json.Unmarshal(types, &g.types)
	}
	return g, err
}

// Segments returns all segments by name.
func (s *Store) Segments(ctx context.Context) ([]Segment, error) {
	rows, err := s.pool.Query(ctx, segmentSQL+`ORDER BY s.name`)
	if err != nil {
		return nil, fmt.Errorf("segments: %w", err)
	}
	out, err := pgx.CollectRows(rows, scanSegment)
	if err != nil {
		return nil, fmt.Errorf("segments: %w", err)
	}
	return out, nil
}

// Segment returns one segment, or ErrNotFound.
func (s *Store) Segment(ctx context.Context, id uuid.UUID) (Segment, error) {
	g, err := segment(ctx, s.pool, id)
	if err != nil {
		return Segment{}, fmt.Errorf("segment %s: %w", id, err)
	}
	return g, nil
}

func segment(ctx context.Context, q querier, id uuid.UUID) (Segment, error) {
	rows, err := q.Query(ctx, segmentSQL+`WHERE s.id = $1`, id)
	if err != nil {
		return Segment{}, err
	}
	g, err := pgx.CollectExactlyOneRow(rows, scanSegment)
	if noRows(err) {
		err = ErrNotFound
	}
	return g, err
}

// CreateSegment stores a segment and returns it with its id. Errors: *filter.Error, *InputError (name, list_ids, zone),
// ErrExists.
func (s *Store) CreateSegment(ctx context.Context, g Segment) (Segment, error) {
	if g.ID == uuid.Nil {
		g.ID = newID()
	}
	g.Revision, g.Count = 1, nil
	types, err := s.checkSegment(ctx, &g)
	if err != nil {
		return Segment{}, fmt.Errorf("create segment: %w", err)
	}
	err = s.pool.QueryRow(ctx, `INSERT INTO segments (id, name, definition, types, list_ids, zone, created_by) VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7)
		RETURNING created_at, updated_at`, g.ID, g.Name, g.Filter, types, g.ListIDs, g.Zone, g.CreatedBy).Scan(&g.CreatedAt, &g.UpdatedAt)
	if err != nil {
		return Segment{}, fmt.Errorf("create segment: %w", segmentError(err))
	}
	return g, nil
}

// UpdateSegment changes name, filter, lists and zone when g.Revision is still the newest, else ErrStale. Campaigns that have
// the segment go on with the changed one: contacts that were passed over are looked at again.
func (s *Store) UpdateSegment(ctx context.Context, g Segment) (Segment, error) {
	types, err := s.checkSegment(ctx, &g)
	if err != nil {
		return Segment{}, fmt.Errorf("update segment %s: %w", g.ID, err)
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		campaigns, err := lockCampaignsOf(ctx, tx, `SELECT campaign_id FROM segment_assignments WHERE segment_id = $1 UNION SELECT campaign_id FROM campaign_segments WHERE segment_id = $1
			OR segmentation_id IN (SELECT segmentation_id FROM segmentation_parts WHERE segment_id = $1)`, g.ID)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE segments SET name = $3, definition = $4, types = $5::jsonb, list_ids = $6, zone = $7, revision = revision + 1,
			counted = CASE WHEN definition = $4 AND list_ids = $6 AND zone = $7 THEN counted END, updated_at = now()
			WHERE id = $1 AND revision = $2`, g.ID, g.Revision, g.Name, g.Filter, types, g.ListIDs, g.Zone)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			if _, err := segment(ctx, tx, g.ID); err != nil {
				return err
			}
			return ErrStale
		}
		if err := releaseSegment(ctx, tx, g.ID); err != nil {
			return err
		}
		return walkAgain(ctx, tx, campaigns)
	})
	if err != nil {
		return Segment{}, fmt.Errorf("update segment %s: %w", g.ID, segmentError(err))
	}
	return s.Segment(ctx, g.ID)
}

// DeleteSegment removes a segment that no campaign and no segmentation has, else ErrInUse.
func (s *Store) DeleteSegment(ctx context.Context, id uuid.UUID) error {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var users string
		err := tx.QueryRow(ctx, `SELECT string_agg(u, ', ') FROM (
			SELECT DISTINCT c.name AS u FROM campaign_segments cs JOIN campaigns c ON c.id = cs.campaign_id WHERE cs.segment_id = $1
			UNION SELECT c.name FROM segment_assignments a JOIN campaigns c ON c.id = a.campaign_id WHERE a.segment_id = $1
			UNION SELECT n.name FROM segmentation_parts p JOIN segmentations n ON n.id = p.segmentation_id WHERE p.segment_id = $1) x HAVING count(*) > 0`, id).Scan(&users)
		switch {
		case err == nil:
			return fmt.Errorf("%w by %s", ErrInUse, users)
		case !noRows(err):
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM segments WHERE id = $1`, id)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("delete segment %s: %w", id, segmentError(err))
	}
	return nil
}

// checkSegment cleans and checks g, and returns the types of its fields as JSON.
func (s *Store) checkSegment(ctx context.Context, g *Segment) (types string, err error) {
	if g.Name = CleanText(g.Name, 1000); g.Name == "" || utf8.RuneCountInString(g.Name) > 120 {
		return "", &InputError{"name", "must be 1 to 120 characters"}
	}
	if g.ListIDs, err = s.checkScope(ctx, g.ListIDs); err != nil {
		return "", err
	}
	if g.Zone == "" {
		g.Zone = "UTC"
	}
	if compliance.Location(g.Zone) == nil {
		return "", &InputError{"zone", "must be the name of a time zone, like Asia/Shanghai"}
	}
	f, schema, err := s.ParseFilter(ctx, g.Filter, g.ListIDs)
	if err != nil {
		return "", err
	}
	g.Filter, g.types = f.Text(), usedTypes(f, schema)
	raw, err := json.Marshal(g.types)
	return string(raw), err
}

// checkScope returns the lists, each once, or says which is not there.
func (s *Store) checkScope(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	if len(ids) > MaxSegmentLists {
		return nil, &InputError{"list_ids", fmt.Sprintf("at most %d lists", MaxSegmentLists)}
	}
	if len(ids) == 0 {
		return []uuid.UUID{}, nil
	}
	var there int
	if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM lists WHERE id = ANY ($1)`, ids).Scan(&there); err != nil {
		return nil, err
	}
	if there < len(ids) {
		return nil, &InputError{"list_ids", "there is no such list"}
	}
	return ids, nil
}

// ParseFilter checks the text of a filter over these lists; no lists: over all of them. The error is a *filter.Error when the
// text is wrong.
func (s *Store) ParseFilter(ctx context.Context, text string, listIDs []uuid.UUID) (*filter.Filter, *filter.Schema, error) {
	schema, err := s.FilterSchema(ctx, listIDs)
	if err != nil {
		return nil, nil, err
	}
	f, err := filter.Parse(text, schema)
	return f, schema, err
}

func segmentError(err error) error {
	switch violated(err) {
	case "segments_name_key", "segmentations_name_key":
		return ErrExists
	case "segments_created_by_fkey", "segmentations_created_by_fkey":
		return &InputError{"created_by", "there is no such user"}
	case "segmentation_parts_segment_id_fkey", "campaign_segments_segment_id_fkey", "campaign_segments_segmentation_id_fkey",
		"campaign_segments_segmentation_id_segment_id_fkey":
		return fmt.Errorf("%w by a campaign or a segmentation", ErrInUse)
	}
	return err
}

// condition is the segment as SQL on the table contacts c: its lists and its filter.
func (g *Segment) condition(a filter.Asked) (string, []any, error) {
	f, err := filter.Parse(g.Filter, plainSchema(g.types))
	if err != nil {
		return "", nil, fmt.Errorf("filter of segment %s: %w", g.ID, err)
	}
	a.Alias, a.First = "c", max(a.First, 1)
	if a.Zone = compliance.Location(g.Zone); a.Zone == nil {
		return "", nil, fmt.Errorf("segment %s: unknown zone %q", g.ID, g.Zone)
	}
	if len(g.ListIDs) == 0 {
		sql, args := f.SQL(a)
		return sql, args, nil
	}
	first := a.First
	a.First++
	sql, args := f.SQL(a)
	return fmt.Sprintf("(c.list_id = ANY ($%d::uuid[]) AND %s)", first, sql), append([]any{g.ListIDs}, args...), nil
}
