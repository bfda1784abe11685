package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrElsewhere says that the agent has a session in another process, in the middle of a call.
var ErrElsewhere = errors.New("the agent is in a call in another session")

// errNoAgent says that there is no such user, or that he is disabled or no agent.
var errNoAgent = errors.New("no such agent")

// Rows reads and writes the agents' tables.
type Rows struct {
	pool *pgxpool.Pool
}

// NewRows works on the given pool, which should be small and apart from the dialer's.
func NewRows(pool *pgxpool.Pool) *Rows { return &Rows{pool: pool} }

// broken reports errors that the same rows would meet again: data and integrity errors.
func broken(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23"))
}

func (r *Rows) person(ctx context.Context, agent uuid.UUID) (Person, string, error) {
	p := Person{ID: agent}
	var endpoint string
	var disabled bool
	err := r.pool.QueryRow(ctx, `SELECT name, login, endpoint, disabled FROM users WHERE id = $1 AND role = 'agent'`, agent).
		Scan(&p.Name, &p.Login, &endpoint, &disabled)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && disabled {
		return Person{}, "", errNoAgent
	}
	if err != nil {
		return Person{}, "", fmt.Errorf("read agent: %w", err)
	}
	return p, endpoint, nil
}

// open writes the row of a new session. An open row of this process is left over from a session whose end is not written
// yet. One of an earlier process is ended only if own says that such sessions were adopted or are of no use; one of another
// node is taken over unless a call hangs on it.
func (r *Rows) open(ctx context.Context, node string, s *session, boot time.Time, own bool) error {
	return pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE agent_sessions SET state = 'Offline', attempt_id = NULL, ended_at = $3
			WHERE agent_id = $1 AND ended_at IS NULL AND CASE WHEN node = $2 THEN $5 OR started_at >= $4
			                                                  ELSE state NOT IN ('Reserved', 'Talking', 'WrapUp') END`,
			s.person.ID, node, s.started, boot, own)
		if err != nil {
			return fmt.Errorf("end the old session: %w", err)
		}
		_, err = tx.Exec(ctx, `INSERT INTO agent_sessions
			(id, agent_id, campaign_id, endpoint, node, state, reason, since, started_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`, s.id, s.person.ID, s.campaign.ID, s.endpoint, node,
			s.m.State, s.m.Reason, s.started)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.ConstraintName == "agent_sessions_one" {
			return ErrElsewhere
		}
		if err != nil {
			return fmt.Errorf("write the session: %w", err)
		}
		_, err = tx.Exec(ctx, `INSERT INTO agent_state_log (session_id, agent_id, at, state, reason)
			VALUES ($1, $2, $3, $4, $5)`, s.id, s.person.ID, s.started, s.m.State, s.m.Reason)
		return err
	})
}

// write returns the sessions that go on here but whose rows somebody else has ended.
func (r *Rows) write(ctx context.Context, sessions []sessionRow, states []stateRow) (gone []uuid.UUID, err error) {
	err = pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		for _, s := range sessions {
			b.Queue(`UPDATE agent_sessions SET leg = $2, state = $3, reason = $4, since = $5, attempt_id = $6, ended_at = $7,
				wrap_more = $8, wrap_until = $9
				WHERE id = $1 AND ended_at IS NULL`, s.id, s.leg, s.state, s.reason, s.since, s.attempt, s.ended, s.more, s.until).
				Exec(func(done pgconn.CommandTag) error {
					if done.RowsAffected() == 0 && s.ended == nil {
						gone = append(gone, s.id)
					}
					return nil
				})
		}
		for _, l := range states {
			// What was committed before the reply was lost is given again: it is there already.
			b.Queue(`INSERT INTO agent_state_log (session_id, agent_id, at, state, reason, attempt_id)
				SELECT $1::uuid, $2::uuid, $3::timestamptz, $4::text, $5::text, $6::uuid
				WHERE NOT EXISTS (SELECT FROM agent_state_log WHERE agent_id = $2 AND at = $3 AND session_id = $1 AND state = $4)`, l.session, l.agent, l.at, l.state, l.reason, l.attempt)
		}
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
}

// today sums an agent's calls and states since the day began, and his pauses by reason. The state that goes on is not in it.
func (r *Rows) today(ctx context.Context, agent uuid.UUID, day time.Time) (t Today, pauses map[string]int, err error) {
	var reasons []string
	var seconds []int
	err = r.pool.QueryRow(ctx, `
		WITH day AS (
			SELECT state, reason, attempt_id, at, coalesce(lead(at) OVER (ORDER BY at, id), at) AS until
			FROM agent_state_log WHERE agent_id = $1 AND at >= $2),
		sums AS (SELECT state, reason, extract(epoch FROM sum(until - at))::int AS seconds FROM day GROUP BY state, reason)
		SELECT count(*) FILTER (WHERE state = 'Talking'),
		       coalesce(extract(epoch FROM sum(until - at) FILTER (WHERE state = 'Talking')), 0)::int,
		       (SELECT count(*) FROM dispositions d WHERE d.agent_id = $1 AND d.success
		          AND d.attempt_id IN (SELECT attempt_id FROM day WHERE state = 'Talking')),
		       coalesce((SELECT sum(seconds) FROM sums WHERE state = 'Ready'), 0)::int,
		       coalesce((SELECT sum(seconds) FROM sums WHERE state = 'WrapUp'), 0)::int,
		       coalesce((SELECT array_agg(reason ORDER BY reason) FROM sums WHERE state = 'NotReady'), '{}'),
		       coalesce((SELECT array_agg(seconds ORDER BY reason) FROM sums WHERE state = 'NotReady'), '{}')
		FROM day`, agent, day).Scan(&t.Calls, &t.TalkSeconds, &t.Successes, &t.IdleSeconds, &t.WrapUpSeconds, &reasons, &seconds)
	if err != nil {
		return Today{}, nil, fmt.Errorf("sum the agent's day: %w", err)
	}
	pauses = make(map[string]int, len(reasons))
	for i, r := range reasons {
		pauses[r] = seconds[i]
		t.PauseSeconds += seconds[i]
	}
	return t, pauses, nil
}

// waits reports whether the agent has an open session that an earlier process of this node left.
func (r *Rows) waits(ctx context.Context, node string, agent uuid.UUID, boot time.Time) (bool, error) {
	var yes bool
	err := r.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM agent_sessions
		WHERE agent_id = $1 AND ended_at IS NULL AND node = $2 AND started_at < $3)`, agent, node, boot).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for an earlier session: %w", err)
	}
	return yes, nil
}

// elsewhere reports whether the agent has an open session in another process.
func (r *Rows) elsewhere(ctx context.Context, node string, agent uuid.UUID) (bool, error) {
	var yes bool
	err := r.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM agent_sessions WHERE agent_id = $1 AND ended_at IS NULL AND node <> $2)`,
		agent, node).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for another session: %w", err)
	}
	return yes, nil
}

// known reports whether a durable command was carried out.
func (r *Rows) known(ctx context.Context, agent, command uuid.UUID) (bool, error) {
	var yes bool
	err := r.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM commands WHERE agent_id = $1 AND id = $2)`, agent, command).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look the command up: %w", err)
	}
	return yes, nil
}
