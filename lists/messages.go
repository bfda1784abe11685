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

// Kinds of a [Message].
const (
	MessageChat     = "chat"     // of one agent's thread, which all supervisors see
	MessageCoaching = "coaching" // about a call of the agent
	MessageNotice   = "notice"   // to many, until it expires
)

// Whom a notice is for.
const (
	ToCampaign = "campaign" // who is logged in to the campaign, now or before it expires
	ToTeam     = "team"     // members of the team who are logged in
	ToAll      = "all"      // all agents who are logged in
)

const (
	maxMessageText = 1000
	inboxMost      = 40 // of a thread, and of notices
	longestUntil   = 31 * 24 * time.Hour
)

// Message is what supervisors and agents write to each other. Its body is plain text: whoever shows it escapes it.
type Message struct {
	ID          uuid.UUID  `json:"id"`
	Seq         int64      `json:"seq" doc:"grows with each message"`
	Kind        string     `json:"kind" enum:"chat,coaching,notice"`
	FromID      uuid.UUID  `json:"from_id"`
	FromName    string     `json:"from_name"`
	AgentID     *uuid.UUID `json:"agent_id" doc:"whose thread it is in; null: a notice"`
	Audience    string     `json:"audience" enum:",campaign,team,all" doc:"of a notice"`
	AudienceID  *uuid.UUID `json:"audience_id"`
	AttemptID   *uuid.UUID `json:"attempt_id" doc:"of a coaching note: the call"`
	ContactID   *uuid.UUID `json:"contact_id"`
	ContactName string     `json:"contact_name"`
	Body        string     `json:"body"`
	At          time.Time  `json:"at"`
	Until       *time.Time `json:"until" doc:"of a notice: when it is not shown any more"`
	ReadAt      *time.Time `json:"read_at" doc:"of the agent's own words: when a supervisor read them first; of others: when he did"`
}

// NewMessage is a message to be sent.
type NewMessage struct {
	ID         uuid.UUID // made by the sender's page: sent twice it is one
	Kind       string
	From       uuid.UUID
	Agent      uuid.UUID // of chat
	Attempt    uuid.UUID // of coaching: it goes to the call's agent
	Audience   string    // of a notice
	AudienceID uuid.UUID
	For        time.Duration // of a notice: how long it is shown
	Body       string
}

// messageSQL reads messages m for agent $1 (or any, for the reading of notices).
const messageSQL = `SELECT m.id, m.seq, m.kind, m.from_id, u.name, m.agent_id, m.audience, m.audience_id, m.attempt_id, m.contact_id, coalesce(p.name, ''), m.body, m.at, m.until,
	(SELECT min(r.read_at) FROM message_reads r WHERE r.message_id = m.id AND (m.from_id = m.agent_id OR r.user_id = coalesce(m.agent_id, %s)))
	FROM messages m JOIN users u ON u.id = m.from_id LEFT JOIN contacts p ON p.id = m.contact_id `

func (m *NewMessage) clean() error {
	if m.ID == uuid.Nil {
		return &InputError{"id", "is missing"}
	}
	if utf8.RuneCountInString(m.Body) > maxMessageText {
		return &InputError{"body", fmt.Sprintf("must have at most %d characters", maxMessageText)}
	}
	if m.Body = cleanLines(m.Body, maxMessageText); m.Body == "" {
		return &InputError{"body", "must have some text"}
	}
	if m.Kind != MessageNotice {
		return nil
	}
	if m.For < time.Minute || m.For > longestUntil {
		return &InputError{"minutes", "must be between 1 minute and 31 days"}
	}
	if (m.Audience == ToAll) != (m.AudienceID == uuid.Nil) {
		return &InputError{"audience_id", "must name the campaign or team, and nothing for all"}
	}
	return nil
}

// Send stores a message and says whom it is for. Errors: *InputError (id, body, minutes, audience_id, attempt_id, agent_id), ErrNotFound.
func (s *Store) Send(ctx context.Context, m NewMessage) (sent Message, to []uuid.UUID, err error) {
	if err := m.clean(); err != nil {
		return Message{}, nil, err
	}
	err = s.tx(ctx, func(tx pgx.Tx) (err error) {
		if err := s.insertMessage(ctx, tx, m); err != nil {
			return err
		}
		if to, err = address(ctx, tx, m.ID); err != nil {
			return err
		}
		sent, err = oneMessage(ctx, tx, m)
		return err
	})
	if err != nil {
		return Message{}, nil, fmt.Errorf("send a message: %w", err)
	}
	return sent, to, nil
}

func (s *Store) insertMessage(ctx context.Context, tx pgx.Tx, m NewMessage) error {
	var err error
	switch m.Kind {
	case MessageChat:
		_, err = tx.Exec(ctx, `INSERT INTO messages (id, kind, from_id, agent_id, body) VALUES ($1, 'chat', $2, $3, $4) ON CONFLICT (id) DO NOTHING`, m.ID, m.From, m.Agent, m.Body)
	case MessageNotice:
		_, err = tx.Exec(ctx, `INSERT INTO messages (id, kind, from_id, audience, audience_id, body, until) VALUES ($1, 'notice', $2, $3, $4, $5, now() + $6::interval)
			ON CONFLICT (id) DO NOTHING`, m.ID, m.From, m.Audience, nilID(m.AudienceID), m.Body, m.For)
	case MessageCoaching:
		var agent, contact *uuid.UUID
		err = tx.QueryRow(ctx, `SELECT agent_id, contact_id FROM (SELECT agent_id, contact_id FROM open_attempts WHERE id = $1
			UNION ALL SELECT agent_id, contact_id FROM attempts WHERE id = $1) a ORDER BY agent_id NULLS LAST LIMIT 1`, m.Attempt).Scan(&agent, &contact)
		if noRows(err) {
			return ErrNotFound
		}
		if err == nil && agent == nil {
			return &InputError{"attempt_id", "no agent talked in this call"}
		}
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO messages (id, kind, from_id, agent_id, attempt_id, contact_id, body) VALUES ($1, 'coaching', $2, $3, $4, $5, $6)
				ON CONFLICT (id) DO NOTHING`, m.ID, m.From, agent, m.Attempt, contact, m.Body)
		}
	default:
		return &InputError{"kind", "must be chat, coaching or notice"}
	}
	if violated(err) == "messages_agent_id_fkey" {
		return ErrNotFound
	}
	return err
}

// address notes whom a message is for who is there now.
func address(ctx context.Context, tx pgx.Tx, id uuid.UUID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `INSERT INTO message_reads (message_id, user_id)
		SELECT m.id, m.agent_id FROM messages m WHERE m.id = $1 AND m.agent_id IS NOT NULL AND m.agent_id <> m.from_id
		ON CONFLICT DO NOTHING RETURNING user_id`, id)
	if err != nil {
		return nil, err
	}
	one, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, err
	}
	if rows, err = tx.Query(ctx, addressNoticesSQL+` AND m.id = $1 ON CONFLICT DO NOTHING RETURNING user_id`, id); err != nil {
		return nil, err
	}
	many, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	return append(one, many...), err
}

const addressNoticesSQL = `INSERT INTO message_reads (message_id, user_id)
	SELECT m.id, s.agent_id FROM messages m JOIN agent_sessions s ON s.ended_at IS NULL
		AND (m.audience = 'all' OR m.audience = 'campaign' AND s.campaign_id = m.audience_id
			OR m.audience = 'team' AND EXISTS (SELECT FROM team_members t WHERE t.team_id = m.audience_id AND t.user_id = s.agent_id))
	WHERE m.kind = 'notice' AND m.until > now() AND NOT EXISTS (SELECT FROM message_reads r WHERE r.message_id = m.id AND r.user_id = s.agent_id)`

// AddressNotices gives notices that have not expired to those who have logged in since, and returns these.
func (s *Store) AddressNotices(ctx context.Context) ([]uuid.UUID, error) {
	rows, err := s.pool.Query(ctx, addressNoticesSQL+` ON CONFLICT DO NOTHING RETURNING user_id`)
	if err != nil {
		return nil, fmt.Errorf("address notices: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("address notices: %w", err)
	}
	return out, nil
}

func oneMessage(ctx context.Context, tx pgx.Tx, m NewMessage) (Message, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf(messageSQL, "NULL::uuid")+`WHERE m.id = $1`, m.ID)
	if err != nil {
		return Message{}, err
	}
	sent, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Message])
	if err != nil {
		return Message{}, err
	}
	if sent.FromID != m.From || sent.Kind != m.Kind || sent.Body != m.Body {
		return Message{}, &InputError{"id", "was used for another message"}
	}
	return sent, nil
}

// Inbox reads what these agents see: the newest of their threads, and notices that have not expired, oldest first.
func (s *Store) Inbox(ctx context.Context, agents []uuid.UUID) (map[uuid.UUID][]Message, error) {
	base := fmt.Sprintf(messageSQL, "a.id")
	rows, err := s.pool.Query(ctx, `SELECT a.id, x.* FROM unnest($1::uuid[]) AS a(id) CROSS JOIN LATERAL (
			(`+base+`WHERE m.agent_id = a.id ORDER BY m.seq DESC LIMIT $2)
			UNION ALL
			(`+base+`WHERE m.until > now() AND EXISTS (SELECT FROM message_reads r WHERE r.message_id = m.id AND r.user_id = a.id) ORDER BY m.seq DESC LIMIT $2)
		) x ORDER BY x.seq`, agents, inboxMost)
	if err != nil {
		return nil, fmt.Errorf("inboxes: %w", err)
	}
	out := make(map[uuid.UUID][]Message, len(agents))
	for _, id := range agents {
		out[id] = []Message{}
	}
	var agent uuid.UUID
	var m Message
	_, err = pgx.ForEachRow(rows, []any{&agent, &m.ID, &m.Seq, &m.Kind, &m.FromID, &m.FromName, &m.AgentID, &m.Audience, &m.AudienceID, &m.AttemptID, &m.ContactID,
		&m.ContactName, &m.Body, &m.At, &m.Until, &m.ReadAt}, func() error {
		out[agent] = append(out[agent], m)
		m = Message{}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("inboxes: %w", err)
	}
	return out, nil
}

// MarkRead notes that an agent has read messages that are for him; others are left alone.
func (s *Store) MarkRead(ctx context.Context, agent uuid.UUID, ids []uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `UPDATE message_reads SET read_at = now() WHERE user_id = $1 AND message_id = ANY ($2) AND read_at IS NULL`, agent, ids)
	if err != nil {
		return fmt.Errorf("mark messages read: %w", err)
	}
	return nil
}

// ErrNoticeOver says that a notice has expired or was taken back.
var ErrNoticeOver = errors.New("the notice is over")
