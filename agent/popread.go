package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists"
)

// popHistory is how many earlier attempts a pop shows.
const popHistory = 10

// pop builds the pop of an attempt, open or ended, from its rows, for sessions that are adopted in the middle of it. nil:
// there is no such attempt.
func (r *Rows) pop(ctx context.Context, attempt uuid.UUID) (*Pop, error) {
	p := &Pop{AttemptID: attempt, Answers: map[string]json.RawMessage{}, History: []PopHistory{}}
	var settings lists.Settings
	var fields map[string]any
	var zones []string
	err := r.pool.QueryRow(ctx, `
		WITH call AS (
			SELECT campaign_id, contact_id, caller_id FROM open_attempts WHERE id = $1
			UNION ALL
			SELECT campaign_id, contact_id, caller_id FROM attempts WHERE id = $1)
		SELECT c.id, c.name, c.settings, k.id, k.name, k.phone, k.zones, k.fields, call.caller_id
		FROM call JOIN campaigns c ON c.id = call.campaign_id JOIN contacts k ON k.id = call.contact_id LIMIT 1`, attempt).
		Scan(&p.Campaign.ID, &p.Campaign.Name, &settings, &p.Contact.ID, &p.Contact.Name, &p.Contact.Phone, &zones, &fields,
			&p.CallerID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the call's contact: %w", err)
	}
	p.Contact.Fields = make(map[string]string, len(fields))
	for k, v := range fields {
		p.Contact.Fields[k] = fmt.Sprint(v)
	}
	if len(zones) > 0 {
		p.Contact.Zone = zones[0]
		if zone, err := time.LoadLocation(zones[0]); err == nil {
			p.Contact.LocalTime = time.Now().In(zone).Format(time.RFC3339)
		}
	}
	called := lists.Contact{ID: p.Contact.ID}
	if called.Treatment, err = lists.New(r.pool).TreatmentOf(ctx, settings.Experiment, called.ID); err != nil {
		return nil, err
	}
	p.Script.ID, p.Script.Version, p.ScriptTest = settings.ScriptOf(&called) // of a call that began its script, the desk finds that one
	p.Dispositions, p.EditFields, p.FollowUps = settings.Dispositions, settings.EditFields, settings.FollowUps
	p.CRMURL = settings.CRMAddress(lists.CRMFacts{ID: p.Contact.ID.String(), Phone: p.Contact.Phone, Name: p.Contact.Name,
		Attempt: attempt.String(), Fields: p.Contact.Fields})
	if err := r.history(ctx, p); err != nil {
		return nil, err
	}
	return p, r.answers(ctx, p)
}

func (r *Rows) history(ctx context.Context, p *Pop) error {
	rows, err := r.pool.Query(ctx, `
		SELECT a.permit_at, a.outcome, coalesce(u.name, ''), coalesce(d.code, ''), coalesce(d.note, '')
		FROM attempts a LEFT JOIN dispositions d ON d.attempt_id = a.id LEFT JOIN users u ON u.id = a.agent_id
		WHERE a.contact_id = $1 AND a.id <> $2 ORDER BY a.permit_at DESC LIMIT $3`, p.Contact.ID, p.AttemptID, popHistory)
	if err != nil {
		return fmt.Errorf("read the contact's history: %w", err)
	}
	p.History, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (h PopHistory, err error) {
		err = row.Scan(&h.At, &h.Outcome, &h.Agent, &h.Disposition, &h.Note)
		return h, err
	})
	if err != nil {
		return fmt.Errorf("read the contact's history: %w", err)
	}
	return nil
}

func (r *Rows) answers(ctx context.Context, p *Pop) error {
	rows, err := r.pool.Query(ctx, `SELECT question, answer FROM script_answers WHERE attempt_id = $1`, p.AttemptID)
	if err != nil {
		return fmt.Errorf("read the call's answers: %w", err)
	}
	var step string
	var answer json.RawMessage
	_, err = pgx.ForEachRow(rows, []any{&step, &answer}, func() error {
		p.Answers[step] = append(json.RawMessage(nil), answer...)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the call's answers: %w", err)
	}
	return nil
}
