package lists

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Errors of help requests.
var (
	ErrHelpOpen    = errors.New("the agent has asked for help already")
	ErrHelpOver    = errors.New("the request for help is over")
	ErrHelpTaken   = errors.New("another supervisor has taken the request for help")
	ErrNotAtDesk   = errors.New("the agent is not logged in to a campaign")
	errHelpStrange = errors.New("the id was used for another request")
)

// States of a [HelpRequest].
const (
	HelpOpen      = "open"
	HelpTaken     = "taken"
	HelpClosed    = "closed"
	HelpWithdrawn = "withdrawn"
)

const (
	maxHelpText   = 500
	maxHelpAnswer = 1000
	helpQueueMost = 500
)

// HelpRequest is an agent who wants a supervisor. An agent has at most one that is open or taken.
type HelpRequest struct {
	ID           uuid.UUID  `json:"id"`
	AgentID      uuid.UUID  `json:"agent_id"`
	AgentName    string     `json:"agent_name"`
	CampaignID   uuid.UUID  `json:"campaign_id"`
	CampaignName string     `json:"campaign_name"`
	AttemptID    *uuid.UUID `json:"attempt_id" doc:"the call that the agent had when he asked; null: none"`
	ContactID    *uuid.UUID `json:"contact_id"`
	ContactName  string     `json:"contact_name"`
	Text         string     `json:"text"`
	State        string     `json:"state" enum:"open,taken,closed,withdrawn"`
	AskedAt      time.Time  `json:"asked_at"`
	TakenAt      *time.Time `json:"taken_at"`
	TakenBy      *uuid.UUID `json:"taken_by"`
	TakenByName  string     `json:"taken_by_name"`
}

const helpSQL = `SELECT h.id, h.agent_id, u.name, h.campaign_id, coalesce(c.name, ''), h.attempt_id, h.contact_id, coalesce(p.name, ''), h.text, h.state, h.asked_at,
	h.taken_at, h.taken_by, coalesce(b.name, '')
	FROM help_requests h JOIN users u ON u.id = h.agent_id LEFT JOIN campaigns c ON c.id = h.campaign_id LEFT JOIN contacts p ON p.id = h.contact_id
	LEFT JOIN users b ON b.id = h.taken_by `

func (s *Store) helpBy(ctx context.Context, where string, args ...any) ([]HelpRequest, error) {
	rows, err := s.pool.Query(ctx, helpSQL+where, args...)
	if err != nil {
		return nil, fmt.Errorf("help requests: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[HelpRequest])
	if err != nil {
		return nil, fmt.Errorf("help requests: %w", err)
	}
	return out, nil
}

// HelpQueue returns who waits for help or gets it, oldest first.
func (s *Store) HelpQueue(ctx context.Context) ([]HelpRequest, error) {
	return s.helpBy(ctx, `WHERE h.state IN ('open', 'taken') ORDER BY h.asked_at, h.id LIMIT $1`, helpQueueMost)
}

func (s *Store) helpRequest(ctx context.Context, id uuid.UUID) (HelpRequest, error) {
	found, err := s.helpBy(ctx, `WHERE h.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("help request %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return HelpRequest{}, err
	}
	return found[0], nil
}

// AskHelp notes that an agent wants help, with the call that he has. The same id again gives the same request. Errors: ErrHelpOpen,
// ErrNotAtDesk, *InputError (text, id).
func (s *Store) AskHelp(ctx context.Context, id, agent uuid.UUID, text string) (HelpRequest, error) {
	if utf8.RuneCountInString(text) > maxHelpText {
		return HelpRequest{}, &InputError{"text", fmt.Sprintf("must have at most %d characters", maxHelpText)}
	}
	tag, err := s.pool.Exec(ctx, `INSERT INTO help_requests (id, agent_id, campaign_id, attempt_id, contact_id, text)
		SELECT $1, s.agent_id, s.campaign_id, s.attempt_id, coalesce((SELECT contact_id FROM open_attempts o WHERE o.id = s.attempt_id),
			(SELECT contact_id FROM attempts a WHERE a.id = s.attempt_id LIMIT 1)), $3
		FROM agent_sessions s WHERE s.agent_id = $2 AND s.ended_at IS NULL ON CONFLICT (id) DO NOTHING`, id, agent, cleanLines(text, maxHelpText))
	if violated(err) == "help_requests_one" {
		return HelpRequest{}, ErrHelpOpen
	}
	if err != nil {
		return HelpRequest{}, fmt.Errorf("ask for help: %w", err)
	}
	h, err := s.helpRequest(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound) && tag.RowsAffected() == 0:
		return HelpRequest{}, ErrNotAtDesk
	case err != nil:
		return HelpRequest{}, err
	case h.AgentID != agent:
		return HelpRequest{}, &InputError{"id", errHelpStrange.Error()}
	}
	return h, nil
}

// TakeHelp says which supervisor comes. Errors: ErrHelpTaken, ErrHelpOver, ErrNotFound.
func (s *Store) TakeHelp(ctx context.Context, id, by uuid.UUID) (HelpRequest, error) {
	_, err := s.pool.Exec(ctx, `UPDATE help_requests SET state = 'taken', taken_by = $2, taken_at = now() WHERE id = $1 AND state = 'open'`, id, by)
	if err != nil {
		return HelpRequest{}, fmt.Errorf("take help request %s: %w", id, err)
	}
	h, err := s.helpRequest(ctx, id)
	switch {
	case err != nil:
		return HelpRequest{}, err
	case h.State != HelpTaken:
		return HelpRequest{}, ErrHelpOver
	case *h.TakenBy != by:
		return HelpRequest{}, ErrHelpTaken
	}
	return h, nil
}

// CloseHelp ends a request that is open or taken. Errors: ErrHelpOver, ErrNotFound, *InputError (answer).
func (s *Store) CloseHelp(ctx context.Context, id, by uuid.UUID, answer string) (HelpRequest, error) {
	if utf8.RuneCountInString(answer) > maxHelpAnswer {
		return HelpRequest{}, &InputError{"answer", fmt.Sprintf("must have at most %d characters", maxHelpAnswer)}
	}
	tag, err := s.pool.Exec(ctx, `UPDATE help_requests SET state = 'closed', ended_at = now(), ended_by = $2, answer = $3 WHERE id = $1 AND state IN ('open', 'taken')`,
		id, by, cleanLines(answer, maxHelpAnswer))
	if err != nil {
		return HelpRequest{}, fmt.Errorf("close help request %s: %w", id, err)
	}
	h, err := s.helpRequest(ctx, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrHelpOver
	}
	return h, err
}

// WithdrawHelp takes back what an agent asked for. ErrNotFound: he has asked for nothing.
func (s *Store) WithdrawHelp(ctx context.Context, agent uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `UPDATE help_requests SET state = 'withdrawn', ended_at = now(), ended_by = $1 WHERE agent_id = $1 AND state IN ('open', 'taken')`, agent)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("withdraw help request: %w", err)
	}
	return nil
}
