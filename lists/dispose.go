package lists

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Disposal is an agent's word on what came of a call.
type Disposal struct {
	Command      uuid.UUID // made by the client; the same one again has no second effect
	Attempt      uuid.UUID
	Agent        uuid.UUID
	Code         string
	Note         string
	CallbackAt   *time.Time // for codes with EffectCallback
	CallbackMine bool       // the callback is for this agent, and for others only when the campaign's time for that has passed
	// Fields are values of contact fields that the disposition requires or that agents may change; FollowUp says what is still
	// to be done, for codes that name a kind of follow-up.
	Fields   map[string]string `json:",omitempty"`
	FollowUp string            `json:",omitempty"`
	// Late is the command by which the call got a disposition when the agent's time was over. His own takes its place for
	// LateFor: he may have given it in time, without a network.
	Late uuid.UUID `json:"-"`
}

// LateFor is how long after its wrap-up's end an agent's own disposition still counts.
const LateFor = 10 * time.Minute

// Disposed is the reply to a Disposal.
type Disposed struct {
	Attempt uuid.UUID  `json:"attempt_id"`
	Code    string     `json:"code"`
	Effect  Effect     `json:"effect"`
	DueAt   *time.Time `json:"due_at,omitempty" doc:"when the callback is due"`
	// Open are other open attempts to a number that must not be called any more; they must be withdrawn.
	Open []uuid.UUID `json:"open,omitempty"`
}

const (
	maxNote     = 4000
	maxFollowUp = 1000
)

// Dispose stores the disposition of an attempt and does what its code says to the contact, in one transaction. The attempt
// may still be open; then its end takes the disposition into account. The same command again returns the first reply.
// A callback at a time at which the rules that a claim asks forbid the call is refused, never moved.
// Errors: ErrAlreadyDisposed, ErrCommandReused, ErrNotFound, *UnlawfulTime (callback_at), *InputError (attempt_id, code, callback_at, note, follow_up, fields,
// fields.NAME).
func (s *Store) Dispose(ctx context.Context, d Disposal) (Disposed, error) {
	d.Note, d.FollowUp = cleanLines(d.Note, maxNote), cleanLines(d.FollowUp, maxFollowUp)
	asked, err := json.Marshal(d)
	if err != nil {
		return Disposed{}, err
	}
	if d.Fields, err = cleanFields(d.Fields); err != nil {
		return Disposed{}, err
	}
	var w disposing
	once := func(tx pgx.Tx) error {
		w = disposing{store: s, tx: tx, d: d, hash: sha256.Sum256(asked)}
		return w.run(ctx)
	}
	if err = s.tx(ctx, once); violated(err) == "commands_pkey" {
		err = s.tx(ctx, once) // the same id at the same moment: the other transaction has committed, its reply is there now
	}
	if err != nil {
		return Disposed{}, fmt.Errorf("dispose attempt %s: %w", d.Attempt, err)
	}
	return w.reply, nil
}

// disposing is one Dispose under way.
type disposing struct {
	store *Store
	tx    pgx.Tx
	d     Disposal
	hash  [sha256.Size]byte
	reply Disposed

	phone    string
	numbers  []string // of the contact, that called among them; for codes that suppress them
	campaign uuid.UUID
	contact  uuid.UUID
	agent    *uuid.UUID
	open     bool
	inbound  bool // the contact called: his place in the campaign does not wait for the call's end
	settings Settings
	fields   map[string]string
	now      time.Time
	code     DispositionCode
	never    bool // the contact is excluded, so there will be no callback
}

func (w *disposing) run(ctx context.Context) error {
	if done, err := w.repeated(ctx); done || err != nil {
		return err
	}
	if err := w.find(ctx); err != nil {
		return err
	}
	if err := w.check(ctx); err != nil {
		return err
	}
	// The number's lock comes before any row, in the order that claims keep to.
	if w.code.Effect == EffectDNC {
		if err := w.lockNumbers(ctx); err != nil {
			return err
		}
	}
	if err := w.hold(ctx); err != nil {
		return err
	}
	if first, err := w.record(ctx); !first || err != nil {
		return err
	}
	if err := w.effect(ctx); err != nil {
		return err
	}
	if len(w.d.Fields) > 0 {
		if err := setFields(ctx, w.tx, w.contact, w.d.Fields, &fields{}); err != nil {
			return err
		}
	}
	return w.remember(ctx)
}

// repeated answers a command that was carried out before.
func (w *disposing) repeated(ctx context.Context) (bool, error) {
	var hash, reply []byte
	err := w.tx.QueryRow(ctx, `SELECT request, reply FROM commands WHERE agent_id = $1 AND id = $2`, w.d.Agent, w.d.Command).Scan(&hash, &reply)
	switch {
	case noRows(err):
		return false, nil
	case err != nil:
		return false, err
	case string(hash) != string(w.hash[:]):
		return false, ErrCommandReused
	}
	return true, json.Unmarshal(reply, &w.reply)
}

// find reads the attempt, open or not, and its campaign.
func (w *disposing) find(ctx context.Context) error {
	var settings []byte
	err := w.tx.QueryRow(ctx, `
		SELECT a.phone, a.campaign_id, a.contact_id, a.agent_id, c.settings, p.fields, coalesce($2::timestamptz, now()), a.direction = 'inbound' FROM (
			SELECT phone, campaign_id, contact_id, agent_id, direction FROM open_attempts WHERE id = $1
			UNION ALL SELECT phone, campaign_id, contact_id, agent_id, direction FROM attempts WHERE id = $1 LIMIT 1) a
		JOIN campaigns c ON c.id = a.campaign_id JOIN contacts p ON p.id = a.contact_id`, w.d.Attempt, w.store.at()).Scan(
		&w.phone, &w.campaign, &w.contact, &w.agent, &settings, (*fields)(&w.fields), &w.now, &w.inbound)
	if noRows(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(settings, &w.settings)
}

func (w *disposing) check(ctx context.Context) error {
	code, ok := w.settings.Disposition(w.d.Code)
	if !ok {
		return &InputError{"code", "the campaign has no such disposition"}
	}
	w.code = code
	w.reply = Disposed{Attempt: w.d.Attempt, Code: code.Code, Effect: code.Effect}
	if err := w.checkFields(); err != nil {
		return err
	}
	if code.Effect != EffectCallback {
		return nil
	}
	switch at := w.d.CallbackAt; {
	case at == nil:
		return &InputError{"callback_at", "this disposition needs the time of the callback"}
	case !at.After(w.now):
		return &InputError{"callback_at", "must be in the future"}
	case at.After(w.now.AddDate(1, 0, 0)):
		return &InputError{"callback_at", "must be within a year"}
	}
	if err := w.store.callbackAt(ctx, w.tx, w.campaign, w.contact, *w.d.CallbackAt, "callback_at"); err != nil {
		return err
	}
	due := w.d.CallbackAt.Round(time.Microsecond).UTC()
	w.reply.DueAt = &due
	return nil
}

// checkFields refuses what agents may not change and what is required and has no value.
func (w *disposing) checkFields() error {
	if err := w.settings.mayEdit(w.d.Fields); err != nil {
		return err
	}
	have := maps.Clone(w.fields)
	if have == nil {
		have = map[string]string{}
	}
	maps.Copy(have, w.d.Fields)
	if missing := w.code.Missing(have); len(missing) > 0 {
		return &InputError{"fields." + missing[0], "must be filled in before this disposition: " + strings.Join(missing, ", ")}
	}
	if w.d.FollowUp != "" && w.code.FollowUp == "" && !w.settings.FollowUps {
		return &InputError{"follow_up", "this disposition has no follow-up"}
	}
	return nil
}

// lockNumbers finds and locks all numbers of the contact: who says that he must not be called does not mean one telephone.
func (w *disposing) lockNumbers(ctx context.Context) error {
	rows, err := w.tx.Query(ctx, `SELECT $2 UNION SELECT phone FROM contacts WHERE id = $1 UNION SELECT phone FROM contact_phones WHERE contact_id = $1`, w.contact, w.phone)
	if err != nil {
		return err
	}
	if w.numbers, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	w.numbers = slices.DeleteFunc(w.numbers, func(n string) bool { return !e164.MatchString(n) }) // those of an erased contact
	slices.Sort(w.numbers)
	return lockNumbers(ctx, w.tx, w.numbers)
}

// hold locks the open attempt against its end, or finds that it has ended, and checks whose it is.
func (w *disposing) hold(ctx context.Context) error {
	err := w.tx.QueryRow(ctx, `SELECT agent_id FROM open_attempts WHERE id = $1 FOR UPDATE`, w.d.Attempt).Scan(&w.agent)
	switch {
	case err == nil:
		w.open = true
	case noRows(err):
		err = w.tx.QueryRow(ctx, `SELECT agent_id FROM attempts WHERE id = $1`, w.d.Attempt).Scan(&w.agent)
	}
	if err != nil {
		return err
	}
	// An open attempt may not be marked with its agent yet; an ended one is.
	if w.agent == nil && !w.open || w.agent != nil && *w.agent != w.d.Agent {
		return &InputError{"attempt_id", "the call was not this agent's"}
	}
	return nil
}

// DispositionMade is the body of the outbox topic disposition.made.
type DispositionMade struct {
	Attempt  uuid.UUID  `json:"attempt_id"`
	Campaign uuid.UUID  `json:"campaign_id"`
	Contact  uuid.UUID  `json:"contact_id"`
	Agent    uuid.UUID  `json:"agent_id"`
	Code     string     `json:"code"`
	Effect   Effect     `json:"effect"`
	Success  bool       `json:"success"`
	DueAt    *time.Time `json:"due_at,omitempty"`
	// Flags are all that the code said of the call, FollowUp what is to be done and of which kind.
	Flags        DispositionFlags `json:"flags"`
	FollowUpKind string           `json:"follow_up_kind,omitempty"`
	FollowUp     string           `json:"follow_up,omitempty"`
}

// record writes the disposition and returns true. The attempt's second one is refused, unless it is the same command,
// which has its reply then.
func (w *disposing) record(ctx context.Context) (first bool, err error) {
	f := w.code.Meaning()
	tag, err := w.tx.Exec(ctx, `INSERT INTO dispositions (attempt_id, campaign_id, contact_id, agent_id, code, effect, note, at,
			contacted, right_party, success, refusal, follow_up_kind, follow_up)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (attempt_id) DO NOTHING`,
		w.d.Attempt, w.campaign, w.contact, w.d.Agent, w.code.Code, w.code.Effect, w.d.Note, w.now,
		f.Contacted, f.RightParty, f.Success, f.Refusal, w.code.FollowUp, w.d.FollowUp)
	if err != nil {
		return false, err
	}
	if tag.RowsAffected() == 0 {
		// The first one may be this very command, committed between our look and now.
		if done, err := w.repeated(ctx); done || err != nil {
			return false, err
		}
		if replaced, err := w.replace(ctx); err != nil {
			return false, err
		} else if !replaced {
			return false, ErrAlreadyDisposed
		}
	}
	if _, err := w.tx.Exec(ctx, `DELETE FROM desk_drafts WHERE attempt_id = $1`, w.d.Attempt); err != nil {
		return true, err
	}
	body, err := json.Marshal(DispositionMade{Attempt: w.d.Attempt, Campaign: w.campaign, Contact: w.contact, Agent: w.d.Agent, Code: w.code.Code,
		Effect: w.code.Effect, Success: f.Success, DueAt: w.reply.DueAt, Flags: f, FollowUpKind: w.code.FollowUp, FollowUp: w.d.FollowUp})
	if err != nil {
		return false, err
	}
	_, err = w.tx.Exec(ctx, outboxSQL, TopicDispositionMade, []string{w.d.Attempt.String()}, []string{string(body)})
	return true, err
}

// replace puts the agent's own disposition where one stands that nobody gave, once. It keeps the moment of that: the wrap-up was over
// then.
func (w *disposing) replace(ctx context.Context) (bool, error) {
	if w.d.Late == uuid.Nil {
		return false, nil
	}
	tag, err := w.tx.Exec(ctx, `UPDATE commands SET type = 'replaced' WHERE agent_id = $1 AND id = $2 AND type = 'dispose'`, w.d.Agent, w.d.Late)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	f := w.code.Meaning()
	tag, err = w.tx.Exec(ctx, `UPDATE dispositions SET code = $3, effect = $4, note = CASE WHEN $5 = '' THEN note ELSE $5 END,
			contacted = $6, right_party = $7, success = $8, refusal = $9, follow_up_kind = $10, follow_up = $11
		WHERE attempt_id = $1 AND agent_id = $2 AND at > $12`,
		w.d.Attempt, w.d.Agent, w.code.Code, w.code.Effect, w.d.Note, f.Contacted, f.RightParty, f.Success, f.Refusal, w.code.FollowUp, w.d.FollowUp,
		w.now.Add(-LateFor))
	return tag.RowsAffected() == 1, err
}

// effect moves the contact on, unless the attempt is open: then its end does, and sees the disposition.
func (w *disposing) effect(ctx context.Context) error {
	if w.code.Effect == EffectDNC {
		agent := w.d.Agent
		open, _, err := w.store.suppressAll(ctx, w.tx, DNC{Reason: "disposition " + w.code.Code, By: &agent}, w.numbers)
		if err != nil {
			return err
		}
		for _, id := range open {
			if id != w.d.Attempt { // the agent's own call is ended by the agent
				w.reply.Open = append(w.reply.Open, id)
			}
		}
	}
	if !w.open || w.inbound {
		if err := w.move(ctx); err != nil {
			return err
		}
	}
	if w.code.Effect == EffectCallback && !w.never {
		return w.callback(ctx)
	}
	if w.code.Meaning().Refusal {
		_, err := w.tx.Exec(ctx, refusedSQL, w.phone, w.now)
		return err
	}
	return nil
}

func (w *disposing) move(ctx context.Context) error {
	var was standing
	err := w.tx.QueryRow(ctx, `SELECT cs.state, cs.reason, cs.attempts, cs.tries, cs.due_at, cs.callback, cs.phone_pos,
		ARRAY(SELECT n.pos FROM contact_phones n WHERE n.contact_id = cs.contact_id ORDER BY n.pos),
		coalesce((SELECT n.pos FROM contact_phones n WHERE n.contact_id = cs.contact_id AND n.phone = $3 ORDER BY n.pos LIMIT 1), 0)
		FROM contact_states cs WHERE cs.campaign_id = $1 AND cs.contact_id = $2 FOR UPDATE`, w.campaign, w.contact, w.phone).Scan(&was.State, &was.Reason, &was.Attempts,
		&was.Tries, &was.Due, &was.Callback, &was.Phone, &was.Phones, &was.Called)
	if noRows(err) {
		return nil // the contact was erased from the campaign
	}
	if err != nil {
		return err
	}
	if was.State == stateInFlight {
		return nil // it is being called again already: that attempt's end decides
	}
	w.never = was.State == stateExcluded
	is := w.settings.disposed(w.code.Code, w.code.Effect, w.reply.DueAt, w.now, was)
	tries, err := json.Marshal(is.Tries)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`UPDATE contact_states SET state = $3, reason = $4, tries = $5::jsonb, due_at = $6, callback = $7, rank = 0, phone_pos = $8
		WHERE campaign_id = $1 AND contact_id = $2`, w.campaign, w.contact, is.State, is.Reason, string(tries), is.Due, is.Callback, is.Phone)
	if was.Callback && !is.Callback {
		b.Queue(closeCallbacksSQL, w.campaign, []uuid.UUID{w.contact})
	}
	return w.tx.SendBatch(ctx, b).Close()
}

// callback replaces what was agreed before.
func (w *disposing) callback(ctx context.Context) error {
	var agent *uuid.UUID
	if w.d.CallbackMine {
		agent = &w.d.Agent
	}
	b := &pgx.Batch{}
	b.Queue(`UPDATE callbacks SET state = 'done' WHERE campaign_id = $1 AND contact_id = $2 AND state = 'open'`, w.campaign, w.contact)
	b.Queue(`INSERT INTO callbacks (id, campaign_id, contact_id, agent_id, due_at, note, attempt_id) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		newID(), w.campaign, w.contact, agent, w.reply.DueAt, w.d.Note, w.d.Attempt)
	return w.tx.SendBatch(ctx, b).Close()
}

func (w *disposing) remember(ctx context.Context) error {
	reply, err := json.Marshal(w.reply)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, `INSERT INTO commands (id, agent_id, type, request, reply) VALUES ($1, $2, 'dispose', $3, $4::jsonb)`,
		w.d.Command, w.d.Agent, w.hash[:], string(reply))
	return err
}
