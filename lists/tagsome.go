package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// TagSomeMost bounds the contacts that TagSome takes at once.
const TagSomeMost = 500

// TagSome gives contacts tags and takes tags from them at once, and returns how many changed. Ids of nobody, and contacts
// that would have more than [MaxTags], are left out. Errors: *InputError (contact_ids, add, remove).
func (s *Store) TagSome(ctx context.Context, contacts []uuid.UUID, add, remove []string) (changed int64, err error) {
	if len(contacts) == 0 || len(contacts) > TagSomeMost {
		return 0, &InputError{"contact_ids", fmt.Sprintf("must be 1 to %d", TagSomeMost)}
	}
	p, err := tagging(add, remove)
	if err != nil {
		return 0, err
	}
	tag, err := s.pool.Exec(ctx, tagSQL, contacts, p.Add, p.Remove, MaxTags)
	if err != nil {
		return 0, fmt.Errorf("tag contacts: %w", err)
	}
	return tag.RowsAffected(), nil
}

func tagging(add, remove []string) (p tagParams, err error) {
	if p.Add, err = cleanTags("add", add); err != nil {
		return p, err
	}
	if p.Remove, err = cleanTags("remove", remove); err != nil {
		return p, err
	}
	if len(p.Add)+len(p.Remove) == 0 {
		return p, &InputError{"add", "name tags to add or to remove"}
	}
	return p, nil
}

// TagSegment makes a job for each list of a segment, or for each that is not archived when it is of all lists, that tags who
// fits. Who comes to fit later is not tagged. Errors: ErrNotFound, *InputError (add, remove, id).
func (s *Store) TagSegment(ctx context.Context, segment uuid.UUID, by *uuid.UUID, add, remove []string) ([]ListJob, error) {
	p, err := tagging(add, remove)
	if err != nil {
		return nil, err
	}
	g, err := s.Segment(ctx, segment)
	if err != nil {
		return nil, err
	}
	p.Filter, p.Types, p.Zone = g.Filter, g.types, g.Zone
	var jobs []uuid.UUID
	err = s.tx(ctx, func(tx pgx.Tx) error {
		jobs = nil
		rows, err := tx.Query(ctx, `SELECT id FROM lists WHERE archived_at IS NULL AND (cardinality($1::uuid[]) = 0 OR id = ANY ($1)) ORDER BY id`, g.ListIDs)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		for _, list := range ids {
			j := ListJob{ID: newID(), Kind: JobTag, ListID: &list, CreatedBy: by}
			if p.Until, j.Total, err = extent(ctx, tx, list); err != nil {
				return err
			}
			if j.Total == 0 {
				continue
			}
			if err := addJob(ctx, tx, j, p); err != nil {
				return err
			}
			jobs = append(jobs, j.ID)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("tag segment %s: %w", segment, err)
	}
	rows, err := s.pool.Query(ctx, listJobSQL+`WHERE id = ANY ($1) ORDER BY created_at, id`, jobs)
	if err != nil {
		return nil, fmt.Errorf("tag segment %s: %w", segment, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ListJob])
	if err != nil {
		return nil, fmt.Errorf("tag segment %s: %w", segment, err)
	}
	return out, nil
}
