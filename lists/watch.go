package lists

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// WatchSettings are a campaign's choices about its supervisors.
type WatchSettings struct {
	SilentWatch bool `json:"silent_watch,omitempty" doc:"agents are not told who listens to them or whispers; the audit log says so of each time"`
}

// WatchAct is one thing that a supervisor does beside agents' phones, or that becomes of it by itself.
type WatchAct struct {
	ID         uuid.UUID // a snoop channel that it needs has this id
	Watch      uuid.UUID // the channel of the supervisor's phone
	Node       string
	Supervisor uuid.UUID
	Token      string // hashed, of the sign-in; "" when it was begun from the phone
	Endpoint   string
	Agent      uuid.UUID
	Action     string    // one of the Watch constants
	Mode       string    // listen, whisper, barge, takeover
	Attempt    uuid.UUID // the call in talk; nil UUID: the agent is between calls
	Silent     bool      // the agent is not told
	Via        string    // page, phone; system when nobody asked for it
	Why        string    // of WatchStop
	Request    string    // of the API; "" for others
}

// Actions of a [WatchAct], as the audit log has them.
const (
	WatchStart  = "watch.start"
	WatchMode   = "watch.mode"   // another mode
	WatchSwitch = "watch.switch" // another agent
	WatchResume = "watch.resume" // beside the agent's phone again, which was lost, or after a restart
	WatchCall   = "watch.call"   // the agent has his next call
	WatchStop   = "watch.stop"
)

// ActWatch writes an act down, in the audit log and as the state of the watch. What it tells of must happen only after that.
func (s *Store) ActWatch(ctx context.Context, a WatchAct) error {
	detail := map[string]any{"act": a.ID, "watch": a.Watch, "agent": a.Agent, "mode": a.Mode, "silent": a.Silent, "via": a.Via, "endpoint": a.Endpoint}
	if a.Attempt != uuid.Nil {
		detail["attempt"] = a.Attempt
	}
	if a.Why != "" {
		detail["why"] = a.Why
	}
	if a.Request != "" {
		detail["request"] = a.Request
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := actWatch(ctx, tx, a); err != nil {
			return err
		}
		return audit(ctx, tx, a.Supervisor, a.Action, "agent:"+a.Agent.String(), jsonText(detail))
	})
	if err != nil {
		return fmt.Errorf("%s: %w", a.Action, err)
	}
	return nil
}

func actWatch(ctx context.Context, tx pgx.Tx, a WatchAct) error {
	switch a.Action {
	case WatchStart:
		_, err := tx.Exec(ctx, `INSERT INTO watches (id, node, supervisor_id, token, endpoint, agent_id, mode, silent, act)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, a.Watch, a.Node, a.Supervisor, a.Token, a.Endpoint, a.Agent, a.Mode, a.Silent, a.ID)
		return err
	case WatchStop:
		_, err := tx.Exec(ctx, `UPDATE watches SET ended_at = now(), ended_why = $2 WHERE id = $1 AND ended_at IS NULL`, a.Watch, a.Why)
		return err
	case WatchCall:
		return nil
	}
	tag, err := tx.Exec(ctx, `UPDATE watches SET agent_id = $2, mode = $3, silent = $4, act = $5, changed_at = now() WHERE id = $1 AND ended_at IS NULL`,
		a.Watch, a.Agent, a.Mode, a.Silent, a.ID)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return err
}

// OpenWatch is a watch that has not ended as far as the database knows.
type OpenWatch struct {
	ID         uuid.UUID
	Supervisor uuid.UUID
	Name       string // of the supervisor
	Token      string
	Endpoint   string
	Agent      uuid.UUID
	Mode       string
	Act        uuid.UUID
	BeganAt    time.Time
}

// OpenWatches are those of a node.
func (s *Store) OpenWatches(ctx context.Context, node string) ([]OpenWatch, error) {
	rows, err := s.pool.Query(ctx, `SELECT w.id, w.supervisor_id, u.name, w.token, w.endpoint, w.agent_id, w.mode, w.act, w.began_at
		FROM watches w JOIN users u ON u.id = w.supervisor_id WHERE w.node = $1 AND w.ended_at IS NULL ORDER BY w.began_at`, node)
	if err != nil {
		return nil, fmt.Errorf("open watches: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[OpenWatch])
	if err != nil {
		return nil, fmt.Errorf("open watches: %w", err)
	}
	return out, nil
}

// WatchNode is the node whose dialer has a watch. [ErrNotFound]: it has ended, or never was.
func (s *Store) WatchNode(ctx context.Context, id uuid.UUID) (string, error) {
	return s.nodeOf(ctx, `SELECT node FROM watches WHERE id = $1 AND ended_at IS NULL`, id)
}

// AgentNode is the node at which an agent is logged in. [ErrNotFound]: he is not.
func (s *Store) AgentNode(ctx context.Context, agent uuid.UUID) (string, error) {
	return s.nodeOf(ctx, `SELECT node FROM agent_sessions WHERE agent_id = $1 AND ended_at IS NULL`, agent)
}

func (s *Store) nodeOf(ctx context.Context, query string, id uuid.UUID) (node string, err error) {
	err = s.pool.QueryRow(ctx, query, id).Scan(&node)
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("node of %s: %w", id, err)
	}
	return node, nil
}

// UnlawfulWatches are a node's open watches whose supervisor is one no more, is disabled, or is not signed in any more.
func (s *Store) UnlawfulWatches(ctx context.Context, node string) ([]uuid.UUID, error) {
	rows, err := s.pool.Query(ctx, `SELECT w.id FROM watches w JOIN users u ON u.id = w.supervisor_id
		WHERE w.node = $1 AND w.ended_at IS NULL AND (u.disabled OR u.role NOT IN ('supervisor', 'admin')
			OR w.token <> '' AND NOT EXISTS (SELECT FROM sessions s WHERE s.token = w.token AND s.expiry > now()))`, node)
	if err != nil {
		return nil, fmt.Errorf("watches without a right: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("watches without a right: %w", err)
	}
	return out, nil
}

// SupervisorAt is the one supervisor or admin whose phone an endpoint is. [ErrNotFound]: nobody who may, or more than one
// account has it, so that it cannot be known who calls.
func (s *Store) SupervisorAt(ctx context.Context, endpoint string) (id uuid.UUID, name string, err error) {
	var may bool
	err = s.pool.QueryRow(ctx, `SELECT min(id::text)::uuid, min(name), count(*) = 1 AND bool_and(role IN ('supervisor', 'admin')) FROM users
		WHERE endpoint = $1 AND endpoint <> '' AND NOT disabled HAVING count(*) > 0`, endpoint).Scan(&id, &name, &may)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !may {
		return uuid.Nil, "", fmt.Errorf("a supervisor at %q: %w", endpoint, ErrNotFound)
	}
	if err != nil {
		return uuid.Nil, "", fmt.Errorf("a supervisor at %q: %w", endpoint, err)
	}
	return id, name, nil
}

// AgentOfCode is the agent who is meant by digits on a telephone's keys. [ErrNotFound]: there is none.
func (s *Store) AgentOfCode(ctx context.Context, code int) (id uuid.UUID, err error) {
	err = s.pool.QueryRow(ctx, `SELECT id FROM users WHERE phone_code = $1 AND role = 'agent' AND NOT disabled`, code).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("agent of the code %d: %w", code, err)
	}
	return id, nil
}
