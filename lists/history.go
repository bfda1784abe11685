package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// History is one earlier attempt, as an agent sees it.
type History struct {
	Attempt     uuid.UUID `json:"attempt_id"`
	At          time.Time `json:"at"`
	Outcome     Outcome   `json:"outcome"`
	Agent       string    `json:"agent" doc:"name; empty when nobody talked"`
	Disposition string    `json:"disposition"`
	Note        string    `json:"note"`
}

// Dossiers returns the last ten attempts of each contact, newest first, in one query. Contacts without any are missing.
func (s *Store) Dossiers(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]History, error) {
	out := make(map[uuid.UUID][]History, len(contacts))
	if len(contacts) == 0 {
		return out, nil
	}
	rows, err := s.pool.Query(ctx, `
		SELECT a.contact_id, a.id, a.permit_at, a.outcome, coalesce(u.name, ''), coalesce(d.code, ''), coalesce(d.note, '')
		FROM (SELECT DISTINCT unnest($1::uuid[]) AS id) i CROSS JOIN LATERAL (
			SELECT contact_id, id, permit_at, outcome, agent_id FROM attempts WHERE contact_id = i.id ORDER BY permit_at DESC LIMIT 10) a
		LEFT JOIN dispositions d ON d.attempt_id = a.id
		LEFT JOIN users u ON u.id = coalesce(d.agent_id, a.agent_id)
		ORDER BY a.contact_id, a.permit_at DESC`, contacts)
	if err != nil {
		return nil, fmt.Errorf("histories: %w", err)
	}
	var id uuid.UUID
	var h History
	if _, err := pgx.ForEachRow(rows, []any{&id, &h.Attempt, &h.At, &h.Outcome, &h.Agent, &h.Disposition, &h.Note}, func() error {
		out[id] = append(out[id], h)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("histories: %w", err)
	}
	return out, nil
}

// Attempt is one attempt that has ended, with what came of it.
type Attempt struct {
	ID          uuid.UUID  `json:"id"`
	Phone       string     `json:"phone"`
	CampaignID  uuid.UUID  `json:"campaign_id"`
	ListID      uuid.UUID  `json:"list_id"`
	ContactID   uuid.UUID  `json:"contact_id"`
	ContactName string     `json:"contact_name"`
	TrunkID     uuid.UUID  `json:"trunk_id"`
	CallerID    string     `json:"caller_id"`
	Kind        string     `json:"kind"`
	PermitAt    time.Time  `json:"permit_at"`
	AnsweredAt  *time.Time `json:"answered_at"`
	BridgedAt   *time.Time `json:"bridged_at"`
	EndedAt     time.Time  `json:"ended_at"`
	AgentID     *uuid.UUID `json:"agent_id"`
	AgentName   string     `json:"agent_name"`
	Outcome     Outcome    `json:"outcome"`
	Cause       int        `json:"cause" doc:"Q.850"`
	SIPCode     int        `json:"sip_code"`
	HungUpBy    string     `json:"hung_up_by"`
	AMD         string     `json:"amd"`
	Disposition string     `json:"disposition"`
	Note        string     `json:"note"`
	Recorded    bool       `json:"recorded"`
}

// attemptSQL reads the columns of Attempt for the rows of attempts that a query gives, newest first.
func attemptSQL(of string) string {
	return `
		SELECT a.id, a.phone, a.campaign_id, a.list_id, a.contact_id, coalesce(c.name, ''), a.trunk_id, a.caller_id, a.kind, a.permit_at,
			a.answered_at, a.bridged_at, a.ended_at, a.agent_id, coalesce(u.name, ''), a.outcome, a.cause, a.sip_code, a.hung_up_by, a.amd,
			coalesce(d.code, ''), coalesce(d.note, ''), r.attempt_id IS NOT NULL
		FROM (` + of + `) a
		LEFT JOIN contacts c ON c.id = a.contact_id LEFT JOIN users u ON u.id = a.agent_id
		LEFT JOIN dispositions d ON d.attempt_id = a.id LEFT JOIN recordings r ON r.attempt_id = a.id
		ORDER BY a.permit_at DESC, a.id DESC`
}

// AttemptFilter selects attempts; zero fields do not restrict.
type AttemptFilter struct {
	Campaign, Contact, Agent uuid.UUID
	Phone                    string
	Before                   time.Time // permits given earlier than this, for the next page
	Limit                    int
}

// Attempts returns attempts that have ended, newest permit first.
func (s *Store) Attempts(ctx context.Context, f AttemptFilter) ([]Attempt, error) {
	// Written out for each filter that is there, so that the planner sees which index serves.
	where, args := "true", []any{page(f.Limit)}
	add := func(on bool, condition string, arg any) {
		if on {
			args = append(args, arg)
			where += fmt.Sprintf(" AND "+condition, len(args))
		}
	}
	add(f.Campaign != uuid.Nil, "campaign_id = $%d", f.Campaign)
	add(f.Contact != uuid.Nil, "contact_id = $%d", f.Contact)
	add(f.Agent != uuid.Nil, "agent_id = $%d", f.Agent)
	add(f.Phone != "", "phone = $%d", f.Phone)
	add(!f.Before.IsZero(), "permit_at < $%d", f.Before)
	rows, err := s.pool.Query(ctx, attemptSQL(`SELECT * FROM attempts WHERE `+where+` ORDER BY permit_at DESC LIMIT $1`), args...)
	if err != nil {
		return nil, fmt.Errorf("attempts: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Attempt])
	if err != nil {
		return nil, fmt.Errorf("attempts: %w", err)
	}
	return out, nil
}

// Callback is an agreed second call.
type Callback struct {
	ID         uuid.UUID  `json:"id"`
	CampaignID uuid.UUID  `json:"campaign_id"`
	AgentID    *uuid.UUID `json:"agent_id" doc:"null: anyone"`
	DueAt      time.Time  `json:"due_at"`
	Note       string     `json:"note"`
	State      string     `json:"state" enum:"open,done,cancelled"`
	AttemptID  uuid.UUID  `json:"attempt_id" doc:"the attempt in which it was agreed"`
	CreatedAt  time.Time  `json:"created_at"`
}

const callbackSQL = `SELECT id, campaign_id, agent_id, due_at, note, state, attempt_id, created_at FROM callbacks `

// Place is where a contact stands in one campaign.
type Place struct {
	CampaignID  uuid.UUID  `json:"campaign_id"`
	State       string     `json:"state" enum:"waiting,in_flight,finished,excluded"`
	Reason      string     `json:"reason"`
	Attempts    int        `json:"attempts"`
	LastOutcome string     `json:"last_outcome"`
	DueAt       *time.Time `json:"due_at"`
}

// Journey is everything that is known of a contact's way.
type Journey struct {
	Contact   Contact    `json:"contact"`
	Places    []Place    `json:"places"`
	Attempts  []Attempt  `json:"attempts" doc:"newest first, at most 1000"`
	Callbacks []Callback `json:"callbacks"`
	DNC       []DNC      `json:"dnc" doc:"entries of the contact's number"`
	Tags      []string   `json:"tags" nullable:"false"`
}

// Journey returns the way of one contact, or ErrNotFound.
func (s *Store) Journey(ctx context.Context, contact uuid.UUID) (j Journey, err error) {
	if j.Contact, err = s.Contact(ctx, contact); err != nil {
		return Journey{}, err
	}
	if j.Attempts, err = s.Attempts(ctx, AttemptFilter{Contact: contact, Limit: 1000}); err != nil {
		return Journey{}, err
	}
	if j.DNC, err = s.DNCList(ctx, j.Contact.Phone, 1000); err != nil {
		return Journey{}, err
	}
	rows, err := s.pool.Query(ctx, callbackSQL+`WHERE contact_id = $1 ORDER BY created_at DESC, id DESC`, contact)
	if err == nil {
		j.Callbacks, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Callback])
	}
	if err != nil {
		return Journey{}, fmt.Errorf("callbacks of contact %s: %w", contact, err)
	}
	rows, err = s.pool.Query(ctx, `SELECT cs.campaign_id, cs.state, cs.reason, cs.attempts, cs.last_outcome, cs.due_at
		FROM campaigns c JOIN contact_states cs ON cs.campaign_id = c.id AND cs.contact_id = $1 ORDER BY c.name`, contact)
	if err == nil {
		j.Places, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Place])
	}
	if err != nil {
		return Journey{}, fmt.Errorf("places of contact %s: %w", contact, err)
	}
	if err := s.pool.QueryRow(ctx, `SELECT tags FROM contacts WHERE id = $1`, contact).Scan(&j.Tags); err != nil && !noRows(err) {
		return Journey{}, fmt.Errorf("tags of contact %s: %w", contact, err)
	}
	return j, nil
}
