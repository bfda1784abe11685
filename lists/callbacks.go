package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ReasonCallbackCancelled is why a contact is finished whose callback somebody cancelled.
const ReasonCallbackCancelled = "callback_cancelled"

// Refusals of changes of callbacks.
var (
	ErrCallbackOver    = errors.New("the callback is done or cancelled already: load the calendar again")
	ErrCallbackTaken   = errors.New("another agent has the callback now: load the calendar again")
	ErrCallbackCalling = errors.New("the contact is in a call now, or its result is not stored yet: try again when that is over")
)

// AgreedCallback is a callback with what people must know to keep it.
type AgreedCallback struct {
	Callback
	CampaignName string     `json:"campaign_name"`
	AgentName    string     `json:"agent_name" doc:"empty: anyone"`
	ContactID    uuid.UUID  `json:"contact_id"`
	ContactName  string     `json:"contact_name"`
	Phone        string     `json:"phone"`
	Zone         string     `json:"zone" doc:"IANA zone of the callee; empty: unknown"`
	NextAt       *time.Time `json:"next_at" doc:"when it is tried next, where that is later than agreed: it was not reached, or a rule put it off"`
	Calling      bool       `json:"calling" doc:"the contact is being called at this moment"`
}

// CallbackFilter chooses callbacks; zero values choose all.
type CallbackFilter struct {
	From, To time.Time // of the agreed times, To is not part of it
	Campaign uuid.UUID
	Agent    uuid.UUID
	Shared   bool // only those of nobody
	// Beside is a campaign whose callbacks of nobody are listed beside those of Agent.
	Beside uuid.UUID
	State  string
	Limit  int
}

// MostCallbacks bounds what one listing returns.
const MostCallbacks = 1000

// Callbacks lists callbacks by their agreed times.
func (s *Store) Callbacks(ctx context.Context, f CallbackFilter) ([]AgreedCallback, error) {
	if f.Limit < 1 || f.Limit > MostCallbacks {
		f.Limit = MostCallbacks
	}
	optional := func(id uuid.UUID) *uuid.UUID {
		if id == uuid.Nil {
			return nil
		}
		return &id
	}
	var from, to *time.Time
	if !f.From.IsZero() {
		from = &f.From
	}
	if !f.To.IsZero() {
		to = &f.To
	}
	out, err := callbacksWhere(ctx, s.pool, `WHERE ($1::timestamptz IS NULL OR k.due_at >= $1) AND ($2::timestamptz IS NULL OR k.due_at < $2)
		AND ($3::uuid IS NULL OR k.campaign_id = $3) AND ($4::uuid IS NULL OR k.agent_id = $4 OR k.agent_id IS NULL AND k.campaign_id = $8) AND ($5 = '' OR k.state = $5)
		AND (NOT $6::boolean OR k.agent_id IS NULL) ORDER BY k.due_at, k.id LIMIT $7`, from, to, optional(f.Campaign), optional(f.Agent), f.State, f.Shared, f.Limit, optional(f.Beside))
	if err != nil {
		return nil, fmt.Errorf("callbacks: %w", err)
	}
	return out, nil
}

// AgreedCallback returns one callback, or ErrNotFound.
func (s *Store) AgreedCallback(ctx context.Context, id uuid.UUID) (AgreedCallback, error) {
	k, err := agreedCallback(ctx, s.pool, id)
	if err != nil {
		return AgreedCallback{}, fmt.Errorf("callback %s: %w", id, err)
	}
	return k, nil
}

func agreedCallback(ctx context.Context, q querier, id uuid.UUID) (AgreedCallback, error) {
	found, err := callbacksWhere(ctx, q, `WHERE k.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return AgreedCallback{}, err
	}
	return found[0], nil
}

func callbacksWhere(ctx context.Context, q querier, where string, args ...any) ([]AgreedCallback, error) {
	rows, err := q.Query(ctx, `SELECT k.id, k.campaign_id, k.agent_id, k.due_at, k.note, k.state, k.attempt_id, k.created_at, c.name, coalesce(u.name, ''),
			p.id, p.name, coalesce(n.phone, p.phone), coalesce(nullif(n.zones, '{}'), p.zones),
			CASE WHEN k.state = 'open' AND cs.state = 'waiting' AND cs.callback AND cs.due_at > k.due_at THEN cs.due_at END, k.state = 'open' AND coalesce(cs.state = 'in_flight', false)
		FROM callbacks k JOIN campaigns c ON c.id = k.campaign_id JOIN contacts p ON p.id = k.contact_id LEFT JOIN users u ON u.id = k.agent_id
		LEFT JOIN contact_states cs ON cs.campaign_id = k.campaign_id AND cs.contact_id = k.contact_id
		LEFT JOIN contact_phones n ON n.contact_id = k.contact_id AND n.pos = cs.phone_pos `+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (k AgreedCallback, err error) {
		var zones []string
		err = row.Scan(&k.ID, &k.CampaignID, &k.AgentID, &k.DueAt, &k.Note, &k.State, &k.AttemptID, &k.CreatedAt, &k.CampaignName, &k.AgentName,
			&k.ContactID, &k.ContactName, &k.Phone, &zones, &k.NextAt, &k.Calling)
		if len(zones) > 0 {
			k.Zone = zones[0]
		}
		return k, err
	})
}

// AttemptOf returns whom an attempt of an agent calls; with uuid.Nil of any agent. An open attempt may not be marked with its agent yet, and is his then.
// ErrNotFound: there is none, or it is another agent's.
func (s *Store) AttemptOf(ctx context.Context, id, agent uuid.UUID) (campaign, contact uuid.UUID, err error) {
	err = s.pool.QueryRow(ctx, `SELECT campaign_id, contact_id FROM open_attempts WHERE id = $1 AND ($3 OR agent_id IS NULL OR agent_id = $2)
		UNION ALL SELECT campaign_id, contact_id FROM attempts WHERE id = $1 AND ($3 OR agent_id = $2) LIMIT 1`, id, agent, agent == uuid.Nil).Scan(&campaign, &contact)
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return uuid.Nil, uuid.Nil, fmt.Errorf("attempt %s: %w", id, err)
	}
	return campaign, contact, nil
}

// CampaignOf is the campaign in which an agent is logged in; uuid.Nil: in none.
func (s *Store) CampaignOf(ctx context.Context, agent uuid.UUID) (campaign uuid.UUID, err error) {
	err = s.pool.QueryRow(ctx, `SELECT campaign_id FROM agent_sessions WHERE agent_id = $1 AND ended_at IS NULL`, agent).Scan(&campaign)
	if err != nil && !noRows(err) {
		return uuid.Nil, fmt.Errorf("campaign of agent %s: %w", agent, err)
	}
	return campaign, nil
}

// CallbackMove is another time, agent or note of an open callback.
type CallbackMove struct {
	ID      uuid.UUID
	DueAt   time.Time
	Agent   *uuid.UUID // nil: anyone
	Note    string
	By      uuid.UUID
	Request string // id, for the audit
	// Own lets only a callback be changed that is By's or nobody's. Two agents who take one at the same moment do not both get it.
	Own bool
}

// MoveCallback changes an open callback and where its contact waits, with an audit row in the same transaction. The time must be lawful by the rules
// that a claim asks; one that stays as it is, is not asked again. Errors: ErrNotFound, ErrCallbackOver, ErrCallbackTaken, ErrCallbackCalling, *UnlawfulTime (due_at), *InputError (due_at, agent_id).
func (s *Store) MoveCallback(ctx context.Context, m CallbackMove) (k AgreedCallback, err error) {
	m.Note, m.DueAt = cleanLines(m.Note, maxNote), m.DueAt.Round(time.Microsecond).UTC()
	err = s.changeCallback(ctx, m.ID, func(tx pgx.Tx, was AgreedCallback) error {
		if m.Own && was.AgentID != nil && *was.AgentID != m.By {
			return ErrCallbackTaken
		}
		if err := callableAgent(ctx, tx, m.Agent); err != nil {
			return err
		}
		if !m.DueAt.Equal(was.DueAt) {
			if err := s.callbackAt(ctx, tx, was.CampaignID, was.ContactID, m.DueAt, "due_at"); err != nil {
				return err
			}
		}
		b := &pgx.Batch{}
		b.Queue(`UPDATE callbacks SET due_at = $2, agent_id = $3, note = $4 WHERE id = $1`, m.ID, m.DueAt, m.Agent, m.Note)
		if !m.DueAt.Equal(was.DueAt) {
			b.Queue(`UPDATE contact_states SET due_at = $3, reason = $4, rank = 0 WHERE campaign_id = $1 AND contact_id = $2 AND state = 'waiting' AND callback`,
				was.CampaignID, was.ContactID, m.DueAt, string(EffectCallback))
		}
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]any{"request": m.Request, "from": was.DueAt, "to": m.DueAt, "agent_before": was.AgentID, "agent": m.Agent})
		if err != nil {
			return err
		}
		if k, err = agreedCallback(ctx, tx, m.ID); err != nil {
			return err
		}
		return audit(ctx, tx, m.By, "callback.move", "callback:"+m.ID.String(), string(detail))
	})
	if err != nil {
		return AgreedCallback{}, fmt.Errorf("move callback %s: %w", m.ID, err)
	}
	return k, nil
}

// CancelCallback closes an open callback. The contact is finished in the campaign; resetting the list calls it again. Errors: ErrNotFound, ErrCallbackOver,
// ErrCallbackCalling, *InputError (reason).
func (s *Store) CancelCallback(ctx context.Context, id, by uuid.UUID, reason, request string) error {
	reason = CleanText(reason, 200)
	if reason == "" {
		return &InputError{"reason", "say why the callback is cancelled"}
	}
	err := s.changeCallback(ctx, id, func(tx pgx.Tx, was AgreedCallback) error {
		b := &pgx.Batch{}
		b.Queue(`UPDATE callbacks SET state = 'cancelled' WHERE id = $1`, id)
		b.Queue(`UPDATE contact_states SET state = 'finished', reason = $3, due_at = NULL, callback = false, rank = 0
			WHERE campaign_id = $1 AND contact_id = $2 AND state = 'waiting' AND callback`, was.CampaignID, was.ContactID, ReasonCallbackCancelled)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]any{"request": request, "reason": reason, "due_at": was.DueAt, "agent": was.AgentID})
		if err != nil {
			return err
		}
		return audit(ctx, tx, by, "callback.cancel", "callback:"+id.String(), string(detail))
	})
	if err != nil {
		return fmt.Errorf("cancel callback %s: %w", id, err)
	}
	return nil
}

// changeCallback runs change with the callback's contact locked, unless it is being called: then the call's end decides.
func (s *Store) changeCallback(ctx context.Context, id uuid.UUID, change func(tx pgx.Tx, was AgreedCallback) error) error {
	return s.tx(ctx, func(tx pgx.Tx) error {
		was, err := agreedCallback(ctx, tx, id)
		if err != nil {
			return err
		}
		var state string
		err = tx.QueryRow(ctx, `SELECT state FROM contact_states WHERE campaign_id = $1 AND contact_id = $2 FOR UPDATE`, was.CampaignID, was.ContactID).Scan(&state)
		if err != nil && !noRows(err) {
			return err
		}
		var open bool
		if err := tx.QueryRow(ctx, `SELECT state = 'open' FROM callbacks WHERE id = $1 FOR UPDATE`, id).Scan(&open); err != nil {
			return err
		}
		switch {
		case !open:
			return ErrCallbackOver
		case state == stateInFlight:
			return ErrCallbackCalling
		}
		if was, err = agreedCallback(ctx, tx, id); err != nil {
			return err
		}
		return change(tx, was)
	})
}

func callableAgent(ctx context.Context, q querier, id *uuid.UUID) error {
	if id == nil {
		return nil
	}
	var role string
	err := q.QueryRow(ctx, `SELECT role FROM users WHERE id = $1 AND NOT disabled`, *id).Scan(&role)
	if noRows(err) || err == nil && role != "agent" {
		return &InputError{"agent_id", "must be an agent whose account is not disabled"}
	}
	return err
}
