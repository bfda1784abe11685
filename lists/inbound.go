package lists

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// KindInbound is the kind of an attempt in which the contact called.
const KindInbound = "inbound"

// InboundCall is somebody who calls.
type InboundCall struct {
	ID       uuid.UUID // of the channel, and so of the attempt
	To, From string    // as the network gave them: digits, with or without a plus
	Node     string
}

// Caller is the contact who calls, and whom he wants.
type Caller struct {
	Campaign  uuid.UUID
	Trunk     uuid.UUID
	Contact   Contact
	CallerID  string     // the number that he called
	LastAgent *uuid.UUID // who talked with him last in this campaign
}

// ErrNumberOpen says that there is an open attempt to the caller's number.
var ErrNumberOpen = errors.New("the number has an open attempt")

// NumberOpenError tells which one it is.
type NumberOpenError struct{ Attempt uuid.UUID }

func (e *NumberOpenError) Error() string { return fmt.Sprintf("%v: %s", ErrNumberOpen, e.Attempt) }
func (e *NumberOpenError) Unwrap() error { return ErrNumberOpen }

var digits = regexp.MustCompile(`^\+?[0-9]{3,15}$`)

// international is a number as networks deliver it, in E.164; "" when it cannot be.
func international(number string) string {
	if !digits.MatchString(number) {
		return ""
	}
	number = "+" + strings.TrimLeft(strings.TrimPrefix(number, "+"), "0")
	if !e164.MatchString(number) {
		return ""
	}
	return number
}

// meant are the E.164 numbers that a network may mean by what it delivers: some leave the country's code away.
func meant(number string, regions []string) []string {
	out := []string{}
	if n := international(number); n != "" {
		out = append(out, n)
	}
	if digits.MatchString(number) && !strings.HasPrefix(number, "+") {
		for _, region := range regions {
			if n, reason := ParseNumber(number, region); reason == "" && !slices.Contains(out, n.E164) {
				out = append(out, n.E164)
			}
		}
	}
	return out
}

// callerSQL finds the contact by any of his numbers in the lists of the campaigns that take calls at the number called: the
// campaign that called him last comes first, one that runs before one that does not.
const callerSQL = `
SELECT c.id, c.epoch, c.trunk_id, p.id, p.list_id, p.seq, CASE WHEN p.phone = ANY ($2) THEN p.phone
		ELSE (SELECT n.phone FROM contact_phones n WHERE n.contact_id = p.id AND n.phone = ANY ($2) ORDER BY n.pos LIMIT 1) END,
	p.name, p.zones, p.fields, shown.number,
	(SELECT a.agent_id FROM attempts a WHERE a.contact_id = p.id AND a.campaign_id = c.id AND a.agent_id IS NOT NULL ORDER BY a.permit_at DESC LIMIT 1),
	(SELECT max(a.permit_at) FROM attempts a WHERE a.contact_id = p.id AND a.campaign_id = c.id) AS called
FROM campaigns c
JOIN campaign_lists cl ON cl.campaign_id = c.id
JOIN contacts p ON p.list_id = cl.list_id
CROSS JOIN LATERAL (SELECT number FROM (` + shownSQL + `) n WHERE number = ANY ($1) LIMIT 1) shown
WHERE coalesce((c.settings->>'inbound')::boolean, false) AND c.status <> 'stopped'
	AND p.id IN (SELECT id FROM contacts WHERE phone = ANY ($2) UNION SELECT contact_id FROM contact_phones WHERE phone = ANY ($2))
ORDER BY c.status = 'running' DESC, called DESC NULLS LAST, cl.position, p.seq LIMIT 1`

// OpenInbound finds who calls and writes the open attempt of the call, in one transaction. It is no permit: nothing is dialled.
// Errors: ErrNotFound (nobody knows the caller, or no campaign takes calls at this number), *NumberOpenError.
func (s *Store) OpenInbound(ctx context.Context, in InboundCall) (Caller, error) {
	var c Caller
	err := s.tx(ctx, func(tx pgx.Tx) (err error) {
		var epoch int64
		if c, epoch, err = recognise(ctx, tx, in); err != nil {
			return err
		}
		var open *uuid.UUID
		var made bool
		err = tx.QueryRow(ctx, `WITH made AS (
				INSERT INTO open_attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, direction)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11::timestamptz, now()), coalesce($11::timestamptz, now()), '', 'inbound')
				ON CONFLICT (phone) DO NOTHING RETURNING id)
			SELECT EXISTS (SELECT FROM made), (SELECT id FROM open_attempts WHERE phone = $2)`,
			in.ID, c.Contact.Phone, c.Campaign, c.Contact.ListID, c.Contact.ID, c.Trunk, c.CallerID, KindInbound, in.Node, epoch, s.at()).Scan(&made, &open)
		switch {
		case err != nil || made:
			return err
		case open != nil:
			return &NumberOpenError{*open}
		}
		return &NumberOpenError{} // committed in the same moment
	})
	if err != nil {
		return Caller{}, fmt.Errorf("inbound call: %w", err)
	}
	return c, nil
}

// recognise finds who calls, and the epoch of the campaign that he wants.
func recognise(ctx context.Context, tx pgx.Tx, in InboundCall) (c Caller, epoch int64, err error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT l.region FROM campaigns c JOIN campaign_lists cl ON cl.campaign_id = c.id JOIN lists l ON l.id = cl.list_id
		WHERE coalesce((c.settings->>'inbound')::boolean, false)`)
	if err != nil {
		return c, 0, err
	}
	regions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return c, 0, err
	}
	to, from := meant(in.To, regions), meant(in.From, regions)
	if len(to) == 0 || len(from) == 0 {
		return c, 0, ErrNotFound
	}
	p := &c.Contact
	var called *time.Time
	err = tx.QueryRow(ctx, callerSQL, to, from).Scan(&c.Campaign, &epoch, &c.Trunk, &p.ID, &p.ListID, &p.Seq, &p.Phone, &p.Name, &p.Zones,
		(*fields)(&p.Fields), &c.CallerID, &c.LastAgent, &called)
	if noRows(err) {
		err = ErrNotFound
	}
	return c, epoch, err
}
