package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// TransferTarget is an outside number to which agents of a campaign may transfer.
type TransferTarget struct {
	Name   string `json:"name" maxLength:"60" doc:"as agents see it"`
	Number string `json:"number" pattern:"^[0-9+*#]{3,20}$" doc:"as it is dialled on the campaign's trunk"`
}

// TalkSettings are what agents of a campaign may do in a talk.
type TalkSettings struct {
	TransferTargets []TransferTarget `json:"transfer_targets,omitempty" maxItems:"50" doc:"outside numbers that calls may be transferred to; no other number is dialled for a transfer"`
}

const maxTargets = 50

var dialable = regexp.MustCompile(`^[0-9+*#]{3,20}$`)

func (s TalkSettings) validate() (errs []FieldError) {
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, FieldError{field, reason})
		}
	}
	bad(len(s.TransferTargets) > maxTargets, "transfer_targets", fmt.Sprintf("at most %d are allowed", maxTargets))
	seen := map[string]bool{}
	for i, t := range s.TransferTargets {
		field := fmt.Sprintf("transfer_targets.%d.", i)
		bad(strings.TrimSpace(t.Name) == "" || len([]rune(t.Name)) > 60 || !clean(t.Name), field+"name", "must be 1 to 60 characters in one line")
		bad(!dialable.MatchString(t.Number), field+"number", "must be 3 to 20 of 0-9 + * #")
		bad(seen[t.Number], field+"number", "is in the list already")
		seen[t.Number] = true
	}
	return errs
}

// Target finds an outside number in the allow-list.
func (s TalkSettings) Target(number string) (TransferTarget, bool) {
	i := slices.IndexFunc(s.TransferTargets, func(t TransferTarget) bool { return t.Number == number })
	if i < 0 {
		return TransferTarget{}, false
	}
	return s.TransferTargets[i], true
}

// ErrTargetNotAllowed says that a number is not on the campaign's list of transfer targets.
var ErrTargetNotAllowed = errors.New("the campaign does not allow transfers to this number")

// TransferPermit is the right to dial one outside number once for a call in talk, backed by a committed row (I12). Only this
// package can make one that is worth anything.
type TransferPermit struct {
	leg    uuid.UUID
	number string
	until  time.Time // on the local monotonic clock
}

// Leg is the id of the outside leg's channel.
func (p TransferPermit) Leg() uuid.UUID { return p.leg }

// Redeem returns the number that may be dialled now, or ErrPermitExpired.
func (p TransferPermit) Redeem(now time.Time) (number string, err error) {
	if p.number == "" || !now.Before(p.until) {
		return "", ErrPermitExpired
	}
	return p.number, nil
}

// TestTransferPermit makes a permit without a database row, for tests of switches alone.
func TestTransferPermit(leg uuid.UUID, number string, until time.Time) TransferPermit {
	return TransferPermit{leg: leg, number: number, until: until}
}

// TransferRequest asks for the right to dial an outside number.
type TransferRequest struct {
	Leg      uuid.UUID // id of the leg, made by the caller
	Attempt  uuid.UUID
	Campaign uuid.UUID
	Agent    uuid.UUID
	Number   string
	Blind    bool
	TTL      time.Duration // at most MaxPermit
}

// PermitTransfer checks the number against the campaign's allow-list as it is now, and commits the permit's row and its audit
// entry before it returns. Errors: ErrTargetNotAllowed; ErrNotFound when the attempt is not open in the campaign.
func (s *Store) PermitTransfer(ctx context.Context, r TransferRequest) (TransferPermit, error) {
	ttl := min(r.TTL, MaxPermit)
	asked := time.Now() // before the row's own clock: the permit ends here no later than there
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var settings []byte
		err := tx.QueryRow(ctx, `SELECT c.settings FROM open_attempts o JOIN campaigns c ON c.id = o.campaign_id
			WHERE o.id = $1 AND o.campaign_id = $2`, r.Attempt, r.Campaign).Scan(&settings)
		if noRows(err) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		var own TalkSettings
		if err := json.Unmarshal(settings, &own); err != nil {
			return err
		}
		target, ok := own.Target(r.Number)
		if !ok || !dialable.MatchString(r.Number) {
			return ErrTargetNotAllowed
		}
		_, err = tx.Exec(ctx, `INSERT INTO transfer_permits (id, attempt_id, campaign_id, agent_id, target_name, number, blind, permit_until)
			VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8 * interval '1 microsecond')`,
			r.Leg, r.Attempt, r.Campaign, r.Agent, target.Name, target.Number, r.Blind, ttl.Microseconds())
		if err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]any{"leg": r.Leg, "campaign": r.Campaign, "target": target, "blind": r.Blind})
		if err != nil {
			return err
		}
		return audit(ctx, tx, r.Agent, "transfer.outside", "attempt/"+r.Attempt.String(), string(detail))
	})
	if err != nil {
		return TransferPermit{}, fmt.Errorf("permit a transfer of attempt %s: %w", r.Attempt, err)
	}
	return TransferPermit{leg: r.Leg, number: r.Number, until: asked.Add(ttl)}, nil
}

// TakeOver is how a call went to a supervisor; the agent did not ask for it.
const TakeOver = "takeover"

// Handover tells that an agent gave a call on.
type Handover struct {
	ID      uuid.UUID
	Attempt uuid.UUID
	From    uuid.UUID
	To      *uuid.UUID // nil: nobody of the house
	How     string     // blind, warm, parked, queue, outside, lost, or TakeOver
	At      time.Time
}

// HandOver notes a handover and whose the open attempt is now. The same ID again has no second effect.
func (s *Store) HandOver(ctx context.Context, h Handover) error {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO handovers (id, attempt_id, from_agent, to_agent, how, at)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`, h.ID, h.Attempt, h.From, h.To, h.How, h.At)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		to := h.To
		if h.How == TakeOver {
			to = nil // a supervisor is no agent: who talked before him disposes
		}
		_, err = tx.Exec(ctx, `UPDATE open_attempts SET agent_id = $3 WHERE id = $1 AND (agent_id = $2 OR agent_id IS NULL)`,
			h.Attempt, h.From, to)
		return err
	})
	if err != nil {
		return fmt.Errorf("hand over attempt %s: %w", h.Attempt, err)
	}
	return nil
}

// LastAgent is the agent who gave an attempt on last; uuid.Nil when nobody did.
func (s *Store) LastAgent(ctx context.Context, attempt uuid.UUID) (uuid.UUID, error) {
	var id uuid.UUID
	err := s.pool.QueryRow(ctx, `SELECT from_agent FROM handovers WHERE attempt_id = $1 ORDER BY at DESC LIMIT 1`, attempt).Scan(&id)
	if noRows(err) {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("last agent of attempt %s: %w", attempt, err)
	}
	return id, nil
}

// PartNote is what an agent who gave a call on says of his part.
type PartNote struct {
	Attempt, Agent uuid.UUID
	Code, Note     string
}

// NotePart keeps an agent's word on his part of a call that he gave on. It is no disposition and moves nothing. The last word
// counts. ErrNotFound: he has not given the call on, or that is not written yet.
func (s *Store) NotePart(ctx context.Context, n PartNote) error {
	tag, err := s.pool.Exec(ctx, `UPDATE handovers SET code = $3, note = $4, noted_at = now()
		WHERE id = (SELECT id FROM handovers WHERE attempt_id = $1 AND from_agent = $2 ORDER BY at DESC LIMIT 1)`,
		n.Attempt, n.Agent, CleanText(n.Code, 100), cleanLines(n.Note, maxNote))
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("note a part of attempt %s: %w", n.Attempt, err)
	}
	return nil
}
