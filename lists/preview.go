package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ReasonPreview is why a contact waits that is offered to an agent. Should nobody answer the offer, it is due again when its
// time is over, whatever became of the process that offered it.
const ReasonPreview = "preview"

// ReasonSkipped is why a contact waits that an agent did not want to call.
const ReasonSkipped = "skipped"

// offers says whether a contact that may be called is to be looked at first.
func (c *claiming) offers(x *candidate) bool {
	return c.req.Offer > 0 && (c.req.Kind == KindPreview || c.settings.Forced(x.contact.Fields) || x.contact.previewed())
}

// previewed says that the campaign's test has the contact looked at first.
func (p *Contact) previewed() bool { return p.Treatment != nil && p.Treatment.Preview }

// offer is a claim without a permit.
func (c *claiming) offer(x *candidate) Claim {
	return Claim{Contact: x.contact, Kind: KindPreview, Offer: true, Forced: c.settings.Forced(x.contact.Fields) || x.contact.previewed(), CallerID: c.callerID(&x.contact),
		TrunkID: c.trunk, CallbackAgent: x.personal, Agents: c.agentsFor(x), Chance: x.chance}
}

// OwnDue returns the contacts whose callbacks were promised to these agents and are due, each agent's that is due longest.
func (s *Store) OwnDue(ctx context.Context, campaign uuid.UUID, agents []uuid.UUID) (byAgent map[uuid.UUID]uuid.UUID, err error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT ON (k.agent_id) k.agent_id, k.contact_id
		FROM callbacks k JOIN contact_states cs ON cs.campaign_id = k.campaign_id AND cs.contact_id = k.contact_id
		WHERE k.agent_id = ANY ($2) AND k.state = 'open' AND k.due_at <= coalesce($3::timestamptz, now()) AND k.campaign_id = $1
			AND cs.state = 'waiting' AND cs.callback AND cs.due_at <= coalesce($3::timestamptz, now())
		ORDER BY k.agent_id, cs.due_at`, campaign, agents, s.at())
	if err != nil {
		return nil, fmt.Errorf("own callbacks that are due: %w", err)
	}
	byAgent = map[uuid.UUID]uuid.UUID{}
	var agent, contact uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&agent, &contact}, func() error {
		byAgent[agent] = contact
		return nil
	}); err != nil {
		return nil, fmt.Errorf("own callbacks that are due: %w", err)
	}
	return byAgent, nil
}

// ownFor are the agents who may get callbacks of their own now, nil: everyone.
func (c *claiming) ownFor() []uuid.UUID {
	if c.req.OwnFor != nil {
		return c.req.OwnFor
	}
	return c.req.PersonalFor
}

// ownSince is since when a callback must be due that others than its agent may get.
func (c *claiming) ownSince() time.Time {
	if c.settings.CallbackKeep {
		return time.Unix(0, 0)
	}
	return c.now.Add(-c.settings.OwnWait())
}

// SkipPreview stores why an agent skipped a contact that was offered to him, and puts the contact off by the campaign's time
// for that. The same offer again has no second effect. A callback stays one.
func (s *Store) SkipPreview(ctx context.Context, campaign, contact, agent, offer uuid.UUID, reason string) error {
	reason = CleanText(reason, 100)
	if reason == "" {
		return &InputError{"reason", "say why the contact is skipped"}
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO preview_skips (offer_id, campaign_id, contact_id, agent_id, reason, at)
			VALUES ($1, $2, $3, $4, $5, coalesce($6::timestamptz, now())) ON CONFLICT (offer_id) DO NOTHING`, offer, campaign, contact, agent, reason, s.at())
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE contact_states cs SET reason = $3, rank = 0, due_at = coalesce($4::timestamptz, now())
				+ make_interval(secs => coalesce(nullif((c.settings->>'preview_skip_after')::int, 0), $5))
			FROM campaigns c WHERE c.id = $1 AND cs.campaign_id = $1 AND cs.contact_id = $2 AND cs.state = 'waiting' AND cs.reason = $6`,
			campaign, contact, ReasonSkipped, s.at(), int(defaultSkip.Seconds()), ReasonPreview)
		return err
	})
	if err != nil {
		return fmt.Errorf("skip contact %s: %w", contact, err)
	}
	return nil
}

// PutBack makes contacts due again, after a time, that were offered and not answered.
func (s *Store) PutBack(ctx context.Context, campaign uuid.UUID, contacts []uuid.UUID, in time.Duration) error {
	_, err := s.pool.Exec(ctx, `UPDATE contact_states SET due_at = coalesce($3::timestamptz, now()) + $5::interval
		WHERE campaign_id = $1 AND contact_id = ANY ($2) AND state = 'waiting' AND reason = $4`, campaign, contacts, s.at(), ReasonPreview, in)
	if err != nil {
		return fmt.Errorf("put %d contacts back: %w", len(contacts), err)
	}
	return nil
}
