package lists

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// OpenAttempt is an attempt that has no outcome yet.
type OpenAttempt struct {
	Attempt     uuid.UUID
	Phone       string
	Campaign    uuid.UUID
	List        uuid.UUID
	Contact     uuid.UUID
	Trunk       uuid.UUID
	CallerID    string
	Kind        string
	Node        string
	Epoch       int64
	PermitAt    time.Time
	PermitUntil time.Time
	Expired     bool // by the law's clock: its permit can place no call any more
	Cancelled   bool // a do-not-call entry came: it must not be dialled any more
	AnsweredAt  *time.Time
	BridgedAt   *time.Time
	Agent       *uuid.UUID
}

// Open returns the open attempts whose permits were given to the node, of all nodes when node is "", oldest first.
func (s *Store) Open(ctx context.Context, node string) ([]OpenAttempt, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until,
			permit_until <= coalesce($2::timestamptz, now()), cancelled, answered_at, bridged_at, agent_id
		FROM open_attempts WHERE $1 IN ('', node) ORDER BY permit_at, id`, node, s.at())
	if err != nil {
		return nil, fmt.Errorf("open attempts: %w", err)
	}
	open, err := pgx.CollectRows(rows, pgx.RowToStructByPos[OpenAttempt])
	if err != nil {
		return nil, fmt.Errorf("open attempts: %w", err)
	}
	return open, nil
}

// Mark is progress of an open attempt. Nil fields stay as they are; times that are set already stay too.
type Mark struct {
	Attempt    uuid.UUID
	AnsweredAt *time.Time
	BridgedAt  *time.Time
	Agent      *uuid.UUID
}

const markSQL = `
WITH i AS MATERIALIZED (
	SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::uuid[]) AS i(id, answered_at, bridged_at, agent_id)
), held AS MATERIALIZED (
	SELECT id FROM open_attempts WHERE id = ANY ($1) ORDER BY id FOR UPDATE
)
UPDATE open_attempts o SET answered_at = coalesce(o.answered_at, i.answered_at), bridged_at = coalesce(o.bridged_at, i.bridged_at),
	agent_id = coalesce(i.agent_id, o.agent_id)
FROM i JOIN held USING (id) WHERE o.id = i.id AND o.id = ANY ($1)`

// Mark notes progress of open attempts in one transaction; attempts that have ended are passed over. When an agent of the
// batch still has another open attempt (I10), the others are marked and the error wraps ErrAgentBusy once for each refused.
func (s *Store) Mark(ctx context.Context, marks []Mark) error {
	if len(marks) == 0 {
		return nil
	}
	err := s.mark(ctx, merge(marks))
	if violated(err) != "open_attempts_agent" {
		return err
	}
	var errs []error
	for _, m := range marks {
		err := s.mark(ctx, []Mark{m})
		if violated(err) == "open_attempts_agent" {
			err = fmt.Errorf("%w: agent %s, attempt %s", ErrAgentBusy, m.Agent, m.Attempt)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *Store) mark(ctx context.Context, marks []Mark) error {
	ids, agents := make([]uuid.UUID, len(marks)), make([]*uuid.UUID, len(marks))
	answered, bridged := make([]*time.Time, len(marks)), make([]*time.Time, len(marks))
	for i, m := range marks {
		ids[i], answered[i], bridged[i], agents[i] = m.Attempt, m.AnsweredAt, m.BridgedAt, m.Agent
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, markSQL, ids, answered, bridged, agents)
		return err
	})
	if err != nil {
		return fmt.Errorf("mark %d attempts: %w", len(marks), err)
	}
	return nil
}

// merge joins several marks of one attempt, for UPDATE takes one row only.
func merge(marks []Mark) []Mark {
	at := make(map[uuid.UUID]int, len(marks))
	out := make([]Mark, 0, len(marks))
	for _, m := range marks {
		i, ok := at[m.Attempt]
		if !ok {
			at[m.Attempt] = len(out)
			out = append(out, m)
			continue
		}
		if out[i].AnsweredAt == nil {
			out[i].AnsweredAt = m.AnsweredAt
		}
		if out[i].BridgedAt == nil {
			out[i].BridgedAt = m.BridgedAt
		}
		if m.Agent != nil {
			out[i].Agent = m.Agent
		}
	}
	return out
}
