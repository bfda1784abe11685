package lists

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/filter"
)

// ReasonSegment is why a contact is excluded that no segment of the campaign holds.
const ReasonSegment = "segment"

// SegmentRef names contacts: a segment, or a part of a segmentation. Of a segmentation, no segment means the rest.
type SegmentRef struct {
	SegmentID      *uuid.UUID `json:"segment_id,omitempty" format:"uuid"`
	SegmentationID *uuid.UUID `json:"segmentation_id,omitempty" format:"uuid" doc:"with segment_id: its part, without contacts that an earlier part has; alone: the rest"`
}

// MaxCampaignSegments bounds the segments of a campaign.
const MaxCampaignSegments = 20

// CampaignSegments returns whom a campaign calls; empty: all contacts of its lists.
func (s *Store) CampaignSegments(ctx context.Context, campaign uuid.UUID) ([]SegmentRef, error) {
	rows, err := s.pool.Query(ctx, `SELECT segment_id, segmentation_id FROM campaign_segments WHERE campaign_id = $1 ORDER BY segmentation_id, segment_id`, campaign)
	if err != nil {
		return nil, fmt.Errorf("segments of campaign %s: %w", campaign, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SegmentRef])
	if err != nil {
		return nil, fmt.Errorf("segments of campaign %s: %w", campaign, err)
	}
	return out, nil
}

// SetCampaignSegments makes the campaign call contacts of these segments only, when revision is the campaign's newest, else
// ErrStale. Contacts that were passed over before are looked at again; those already called or waiting go on.
func (s *Store) SetCampaignSegments(ctx context.Context, id uuid.UUID, revision int, refs []SegmentRef) (Campaign, error) {
	if len(refs) > MaxCampaignSegments {
		return Campaign{}, &InputError{"segments", fmt.Sprintf("at most %d", MaxCampaignSegments)}
	}
	var c Campaign
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, id); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE campaigns SET revision = revision + 1 WHERE id = $1 AND revision = $2`, id, revision)
		if err != nil {
			return err
		}
		if c, err = campaign(ctx, tx, id); err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrStale
		}
		b := &pgx.Batch{}
		b.Queue(`DELETE FROM campaign_segments WHERE campaign_id = $1`, id)
		for _, r := range refs {
			b.Queue(`INSERT INTO campaign_segments (campaign_id, segment_id, segmentation_id) VALUES ($1, $2, $3)`, id, r.SegmentID, r.SegmentationID)
		}
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return walkAgain(ctx, tx, []uuid.UUID{id})
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("set segments of campaign %s: %w", id, refError(err))
	}
	return c, nil
}

func refError(err error) error {
	switch violated(err) {
	case "campaign_segments_segment_id_fkey":
		return &InputError{"segments", "there is no such segment"}
	case "campaign_segments_segmentation_id_fkey", "campaign_segments_segmentation_id_segment_id_fkey":
		return &InputError{"segments", "there is no such part of a segmentation"}
	case "campaign_segments_check":
		return &InputError{"segments", "name a segment or a segmentation"}
	case "campaign_segments_once":
		return &InputError{"segments", "a segment is there twice"}
	}
	return err
}

// lockCampaignsOf locks the campaigns that the query names, in the order of their ids, and returns them.
func lockCampaignsOf(ctx context.Context, tx pgx.Tx, query string, args ...any) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT campaign_id FROM (`+query+`) x ORDER BY 1`, args...)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := lockCampaignExclusive(ctx, tx, id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// walkAgain lets the campaigns look again at contacts that no segment held, in the background: there may be millions. The
// caller holds the campaigns' locks.
func walkAgain(ctx context.Context, tx pgx.Tx, campaigns []uuid.UUID) error {
	for _, id := range campaigns {
		if _, err := tx.Exec(ctx, `INSERT INTO list_jobs (id, kind, campaign_id, params) VALUES ($1, $2, $3, '{}')`, newID(), JobRewalk, id); err != nil {
			return err
		}
	}
	return nil
}

// membership is a campaign's choice of contacts.
type membership struct{ parts []membershipPart }

// membershipPart holds contacts of in, when given, that are in none of without.
type membershipPart struct {
	in      *Segment
	without []Segment
}

// membershipOf reads a campaign's choice; nil: all contacts of its lists.
func membershipOf(ctx context.Context, q querier, campaign uuid.UUID) (*membership, error) {
	rows, err := q.Query(ctx, `SELECT segment_id, segmentation_id FROM campaign_segments WHERE campaign_id = $1 ORDER BY segmentation_id, segment_id`, campaign)
	if err != nil {
		return nil, err
	}
	refs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SegmentRef])
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	m := &membership{}
	for _, r := range refs {
		part, err := partOf(ctx, q, r)
		if err != nil {
			return nil, err
		}
		m.parts = append(m.parts, part)
	}
	return m, nil
}

func partOf(ctx context.Context, q querier, r SegmentRef) (membershipPart, error) {
	var part membershipPart
	if r.SegmentationID != nil {
		rows, err := q.Query(ctx, segmentSQL+`JOIN segmentation_parts p ON p.segment_id = s.id WHERE p.segmentation_id = $1 ORDER BY p.position`, *r.SegmentationID)
		if err != nil {
			return part, err
		}
		if part.without, err = pgx.CollectRows(rows, scanSegment); err != nil {
			return part, err
		}
	}
	if r.SegmentID == nil {
		return part, nil
	}
	if i := slices.IndexFunc(part.without, func(g Segment) bool { return g.ID == *r.SegmentID }); i >= 0 {
		part.in, part.without = &part.without[i], part.without[:i] // the first one that fits has the contact
		return part, nil
	}
	g, err := segment(ctx, q, *r.SegmentID)
	part.in = &g
	return part, err
}

// condition is the choice as SQL on the table contacts c; first is the number of the first bind parameter.
func (m *membership) condition(now time.Time, first int) (string, []any, error) {
	var any []any
	var parts []string
	one := func(g *Segment) (string, error) {
		sql, args, err := g.condition(filter.Asked{First: first + len(any), Now: now})
		any = append(any, args...)
		return sql, err
	}
	for _, p := range m.parts {
		conditions := []string{"true"}
		if p.in != nil {
			sql, err := one(p.in)
			if err != nil {
				return "", nil, err
			}
			conditions[0] = sql
		}
		for i := range p.without {
			sql, err := one(&p.without[i])
			if err != nil {
				return "", nil, err
			}
			conditions = append(conditions, "NOT "+sql)
		}
		parts = append(parts, "("+strings.Join(conditions, " AND ")+")")
	}
	return "(" + strings.Join(parts, " OR ") + ")", any, nil
}

// SegmentCondition is whom a campaign calls, as SQL on the table contacts c with binds from $first on; "" when it calls all
// contacts of its lists. now is what relative dates start from.
func (s *Store) SegmentCondition(ctx context.Context, campaign uuid.UUID, now time.Time, first int) (condition string, args []any, err error) {
	condition, args, err = segmentCondition(ctx, s.pool, campaign, now, first)
	if err != nil {
		return "", nil, fmt.Errorf("segments of campaign %s: %w", campaign, err)
	}
	return condition, args, nil
}

func segmentCondition(ctx context.Context, q querier, campaign uuid.UUID, now time.Time, first int) (string, []any, error) {
	m, err := membershipOf(ctx, q, campaign)
	if err != nil || m == nil {
		return "", nil, err
	}
	return m.condition(now, first)
}

// InSegments reports whether the campaign's segments hold the contact.
func (s *Store) InSegments(ctx context.Context, campaign, contact uuid.UUID) (in bool, err error) {
	now := s.local()
	if at := s.at(); at != nil {
		now = *at
	}
	condition, args, err := s.SegmentCondition(ctx, campaign, now, 2)
	if err != nil || condition == "" {
		return err == nil, err
	}
	err = s.pool.QueryRow(ctx, `SELECT `+condition+` FROM contacts c WHERE c.id = $1`, append([]any{contact}, args...)...).Scan(&in)
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return false, fmt.Errorf("segments of contact %s: %w", contact, err)
	}
	return in, nil
}
