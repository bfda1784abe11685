package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/filter"
)

// SegmentsOfContacts returns in which segments contacts are now; those in none are missing. Like SegmentsOf it asks the first 100
// segments by name. It is one question for each segment, whatever the number of contacts.
func (s *Store) SegmentsOfContacts(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	all, err := s.Segments(ctx)
	if err != nil || len(all) == 0 || len(contacts) == 0 {
		return nil, err
	}
	now, err := s.moment(ctx)
	if err != nil {
		return nil, fmt.Errorf("segments of contacts: %w", err)
	}
	in := map[uuid.UUID][]uuid.UUID{}
	for i := range all[:min(len(all), segmentsAsked)] {
		g := &all[i]
		condition, args, err := g.condition(filter.Asked{Now: now, First: 2})
		if err != nil || len(args) > 60000 {
			continue // of a field that is gone: nobody is in it
		}
		rows, err := s.pool.Query(ctx, `SELECT c.id FROM contacts c WHERE c.id = ANY ($1) AND `+condition, append([]any{contacts}, args...)...)
		if err != nil {
			return nil, fmt.Errorf("contacts of segment %s: %w", g.ID, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return nil, fmt.Errorf("contacts of segment %s: %w", g.ID, err)
		}
		for _, c := range found {
			in[c] = append(in[c], g.ID)
		}
	}
	return in, nil
}
