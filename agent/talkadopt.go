package agent

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// sharing is what the database knows of a session's call that others are or were in.
type sharing struct {
	open     bool                   // the attempt is
	owner    *uuid.UUID             // the agent of the open attempt
	handed   bool                   // this agent gave it on
	sessions map[uuid.UUID]struct{} // all that stand; their ids are those of their bridges
}

// share looks up who has the calls that sessions name.
func (r *Rows) share(ctx context.Context, found []standing) error {
	sessions := make(map[uuid.UUID]struct{}, len(found))
	agents, attempts := []uuid.UUID{}, []uuid.UUID{}
	for _, x := range found {
		sessions[x.session] = struct{}{}
		if x.attempt != nil {
			agents, attempts = append(agents, x.person.ID), append(attempts, *x.attempt)
		}
	}
	rows, err := r.pool.Query(ctx, `SELECT i.agent, o.id IS NOT NULL, o.agent_id,
			EXISTS (SELECT FROM handovers h WHERE h.attempt_id = i.attempt AND h.from_agent = i.agent)
		FROM unnest($1::uuid[], $2::uuid[]) AS i(agent, attempt) LEFT JOIN open_attempts o ON o.id = i.attempt`, agents, attempts)
	if err != nil {
		return fmt.Errorf("read who has the calls: %w", err)
	}
	defer rows.Close()
	of := map[uuid.UUID]sharing{}
	for rows.Next() {
		var agent uuid.UUID
		var s sharing
		if err := rows.Scan(&agent, &s.open, &s.owner, &s.handed); err != nil {
			return fmt.Errorf("read who has the calls: %w", err)
		}
		of[agent] = s
	}
	for i := range found {
		s := of[found[i].person.ID]
		s.sessions = sessions
		found[i].shared = s
	}
	return rows.Err()
}

// settle corrects what a session goes on with where more than one agent is or was in the call: the phone of an agent who
// consults is up in another one's bridge; a customer with music waits for the agent whose call it is; who was only asked in is
// free again; and who gave the call on wraps up his part.
func (s *sharing) settle(r *Restored, row standing, channels map[uuid.UUID]uuid.UUID) {
	if row.leg != nil {
		r.PhoneUp = channels[*row.leg] != uuid.Nil
	}
	if row.attempt == nil || r.Live || !s.open {
		return
	}
	mine := s.owner != nil && *s.owner == row.person.ID
	bridge := channels[*row.attempt]
	_, elsewhere := s.sessions[bridge]
	switch {
	case mine && bridge != uuid.Nil && !elsewhere && r.PhoneUp:
		r.Live, r.State = true, Talking
	case mine && elsewhere: // the dialer died before the row was written
		s.handed = true
	case !mine && s.owner != nil && !s.handed:
		r.Disposed = true
	}
}
