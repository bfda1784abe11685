package agent

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists"
)

// Ledger is what the desk needs of lists.Store.
type Ledger interface {
	Campaign(ctx context.Context, id uuid.UUID) (lists.Campaign, error)
	Dispose(ctx context.Context, d lists.Disposal) (lists.Disposed, error)
	BeginScript(ctx context.Context, run lists.ScriptRun) (lists.ScriptStart, error)
	SaveScript(ctx context.Context, save lists.ScriptSave) error
	Script(ctx context.Context, id uuid.UUID, version int) (lists.Script, error)
	AddDNC(ctx context.Context, d lists.DNC) (open []uuid.UUID, err error)
	EditContact(ctx context.Context, agent, attempt uuid.UUID, values map[string]string) (after map[string]string, err error)
	SkipPreview(ctx context.Context, campaign, contact, agent, offer uuid.UUID, reason string) error
}

// Desk takes agents' commands. Set its func fields before use.
type Desk struct {
	Hangup   func(ctx context.Context, attempt uuid.UUID) error // ends a call; its error says that there is no such call
	Withdraw func(ctx context.Context, open []uuid.UUID)        // cancels unanswered calls to a number that must not be called any more
	// Shown tells whether the agent has a screen already, from whichever process; nil: never. An agent whose session is in
	// another process is not told that he is offline while that one shows him his screen.
	Shown func(agent uuid.UUID) bool
	Talk  func(ctx context.Context, r TalkRequest) error // what agents do in a talk; errors to be told are CommandErrors
	Parts PartLedger                                     // nil: notes on parts of calls are not kept
	// Dial has a contact called for an agent: Floor.Dialling has taken him when it returns without an error. Errors to be told
	// are those of RefuseDial.
	Dial func(ctx context.Context, r DialRequest) error

	floor  *Floor
	ledger Ledger
	rows   *Rows
	clock  func() time.Time
	log    *slog.Logger
	guests *work[uuid.UUID] // agents with a page and no session, to be shown that
	begun  *work[began]     // calls whose script is to be begun

	mu      sync.Mutex
	lanes   map[uuid.UUID]*lane
	scripts map[PopScript]*script.Script
	runs    map[uuid.UUID]*scriptRun // by agent
}

// NewDesk makes the desk of a floor, and lets it settle calls that nobody disposed.
func NewDesk(floor *Floor, ledger Ledger) *Desk {
	d := &Desk{floor: floor, ledger: ledger, rows: floor.cfg.Rows, clock: floor.cfg.Clock, log: floor.cfg.Log,
		guests: newWork[uuid.UUID](), lanes: map[uuid.UUID]*lane{}, scripts: map[PopScript]*script.Script{},
		begun: newWork[began](), runs: map[uuid.UUID]*scriptRun{}}
	floor.undisposed = d.settle
	floor.bridged = func(agent, attempt uuid.UUID) { d.begun.add(began{agent: agent, attempt: attempt}) }
	return d
}

// commandTimeout bounds one command: less than a page waits before it takes its connection for dead.
const commandTimeout = 6 * time.Second

// Do carries out one command of an agent. Commands of one agent run one after another.
func (d *Desk) Do(ctx context.Context, agent uuid.UUID, c Command) Reply {
	r, bad := parse(c)
	if bad != nil {
		return Reply{Error: bad}
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	l := d.lane(agent)
	defer d.release(l)
	if !l.enter(ctx) {
		return Reply{Error: refuse(CodeTryAgain, "an earlier command is still under way")}
	}
	defer l.leave()
	if reply, ok := l.repeated(c); ok {
		return reply
	}
	adopted := d.floor.adopted.Load()
	data, err := d.do(ctx, agent, c, r)
	if !adopted && errors.Is(err, errNotLoggedIn) {
		err = d.early(ctx, agent)
	}
	reply := Reply{OK: err == nil, Data: data}
	if err != nil {
		reply.Data = nil
		reply.Error = d.explain(c, err)
	}
	l.keep(c, reply)
	return reply
}

// early explains why an agent seems not to be logged in before the floor has adopted what an earlier process left: his
// session may be among that, and what he asks for, a result above all, must then wait for it instead of being refused.
func (d *Desk) early(ctx context.Context, agent uuid.UUID) error {
	if d.rows == nil {
		return errNotLoggedIn
	}
	waits, err := d.rows.waits(ctx, d.floor.cfg.Node, agent, d.floor.boot)
	switch {
	case err != nil:
		return err
	case waits:
		return errors.New("the earlier session is not adopted yet")
	}
	return errNotLoggedIn
}

func (d *Desk) do(ctx context.Context, agent uuid.UUID, c Command, r request) (any, error) {
	switch data := r.(type) {
	case *loginData:
		return d.login(ctx, agent, data.CampaignID)
	case *notReadyData:
		if err := d.reason(agent, data.Reason); err != nil {
			return nil, err
		}
		return nil, d.floor.leave(agent, Input{Kind: InPause, Reason: data.Reason, After: time.Duration(data.InSeconds) * time.Second})
	case *hangupData:
		return nil, d.hangup(ctx, agent, data.AttemptID)
	case *disposeData:
		return d.dispose(ctx, agent, c, data)
	case *talkData:
		return nil, d.talk(ctx, agent, data)
	case *dncData:
		return nil, d.neverAgain(ctx, agent, data.AttemptID)
	}
	if data, known, err := d.doDay(ctx, agent, c, r); known {
		return data, err
	}
	if data, known, err := d.doScript(ctx, agent, r); known {
		return data, err
	}
	if c.Name == "logout" {
		return nil, d.floor.leave(agent, Input{Kind: InLogout})
	}
	return nil, d.floor.makeReady(agent)
}

// explain turns an error into what the page is told. What is not the agent's fault may be tried again.
func (d *Desk) explain(c Command, err error) *CommandError {
	var told *CommandError
	if errors.As(err, &told) {
		return told
	}
	var input *lists.InputError
	var unlawful *lists.UnlawfulTime
	switch {
	case errors.As(err, &unlawful):
		return &CommandError{Code: CodeCallbackUnlawful, Message: unlawful.Error(), Field: unlawful.Field, Next: unlawful.Next}
	case errors.As(err, &input) && input.Field == "code":
		return refuse(CodeUnknownCode, input.Reason)
	case errors.As(err, &input) && input.Field == "attempt_id":
		return refuse(CodeNotYourCall, input.Reason)
	case errors.As(err, &input) && strings.HasPrefix(input.Field, "fields."):
		name := strings.TrimPrefix(input.Field, "fields.")
		code := CodeFieldClosed
		if strings.HasPrefix(input.Reason, "must be filled") {
			code = CodeFieldMissing
		}
		return &CommandError{Code: code, Message: name + ": " + input.Reason, Field: name}
	case errors.As(err, &input):
		return refuse(CodeBadData, input.Field+": "+input.Reason)
	case errors.Is(err, lists.ErrAlreadyDisposed):
		return refuse(CodeAlreadyDisposed, "the call has its disposition already")
	case errors.Is(err, lists.ErrCommandReused):
		return refuse(CodeBadData, "this id was used for another command")
	case errors.Is(err, lists.ErrNotFound):
		return refuse(CodeNotYourCall, "there is no such call")
	}
	d.log.Warn("an agent's command failed", "command", c.Name, "id", c.ID, "error", err)
	return refuse(CodeTryAgain, "the server could not do this now; nothing was changed")
}

func (d *Desk) login(ctx context.Context, agent, campaign uuid.UUID) (any, error) {
	if id, in, ok := d.floor.sessionOf(agent); ok {
		if in != campaign {
			return nil, refuse(CodeAlreadyInSession, "log out of the other campaign first")
		}
		d.floor.Show(agent)
		return loggedIn{id, campaign}, nil
	}
	person, endpoint, err := d.rows.person(ctx, agent)
	switch {
	case errors.Is(err, errNoAgent):
		return nil, refuse(CodeNotLoggedIn, "the account does not exist or is disabled")
	case err != nil:
		return nil, err
	case endpoint == "":
		return nil, refuse(CodeNoPhone, "the account has no phone: ask an administrator to set its endpoint")
	}
	c, err := d.ledger.Campaign(ctx, campaign)
	if errors.Is(err, lists.ErrNotFound) {
		return nil, refuse(CodeCampaignNotFound, "there is no such campaign")
	}
	if err != nil {
		return nil, err
	}
	today, pauses, err := d.rows.today(ctx, agent, midnight(d.clock()))
	if err != nil {
		return nil, err
	}
	s := d.floor.newSession(person, endpoint, PopCampaign{ID: c.ID, Name: c.Name}, WrapOf(c.Settings), today)
	s.desk, s.pauses = c.Settings.DeskSettings, pauses
	own := d.floor.adopted.Load()
	err = d.rows.open(ctx, d.floor.cfg.Node, s, d.floor.boot, own)
	if errors.Is(err, ErrElsewhere) {
		if waits, err := d.rows.waits(ctx, d.floor.cfg.Node, agent, d.floor.boot); err != nil || waits && !own {
			return nil, errors.Join(err, errors.New("the earlier session is not adopted yet"))
		}
		return nil, refuse(CodeAlreadyInSession, "another session of this account is in a call")
	}
	if err != nil {
		return nil, err
	}
	d.floor.seat(s)
	return loggedIn{s.id, campaign}, nil
}

// loggedIn is the reply's data of login.
type loggedIn struct {
	Session  uuid.UUID `json:"session_id"`
	Campaign uuid.UUID `json:"campaign_id"`
}

func (d *Desk) hangup(ctx context.Context, agent, attempt uuid.UUID) error {
	if ok, err := d.stepOut(ctx, agent, attempt); ok {
		return err
	}
	session, state, err := d.floor.callState(agent, attempt)
	if err != nil {
		return err
	}
	if state == WrapUp {
		return refuse(CodeCallOver, "the call is over")
	}
	if d.Hangup == nil {
		return errors.New("nothing to hang up with")
	}
	err = d.Hangup(ctx, attempt)
	if err == nil || ctx.Err() != nil {
		return err
	}
	// The dialer tells the floor of an end before it forgets a call. If the floor still has it, that word was lost, and
	// the agent must not sit in a call that is not there.
	d.log.Warn("an agent hung up a call that the dialer does not have", "attempt", attempt, "error", err)
	d.floor.Ended(session, attempt, CallEnd{Outcome: lists.Connected, By: "agent", At: d.clock(), NeedsDisposition: state == Talking})
	return refuse(CodeCallOver, "the call is over")
}

// Connected tells how many pages an agent has open now; wire it to the stream's presence. It does not block.
func (d *Desk) Connected(agent uuid.UUID, n int) {
	d.floor.Connected(agent, n)
	if _, _, in := d.floor.sessionOf(agent); n > 0 && !in {
		d.guests.add(agent)
	}
}

// Run shows agents without a session their screen, and begins the scripts of bridged calls, until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	var scripts sync.WaitGroup
	for range scriptWorkers {
		scripts.Go(func() { d.runScripts(ctx) })
	}
	defer scripts.Wait()
	for {
		agent, ok := d.guests.take(ctx)
		if !ok {
			return ctx.Err()
		}
		if err := d.welcome(ctx, agent); err != nil && !errors.Is(err, errNoAgent) {
			d.log.Warn("an agent's first screen could not be made, trying again", "agent", agent, "error", err)
			if !sleep(ctx, time.Second) {
				return ctx.Err()
			}
			d.guests.add(agent)
		}
	}
}

func (d *Desk) welcome(ctx context.Context, agent uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	person, _, err := d.rows.person(ctx, agent)
	if err != nil {
		return err
	}
	if !d.floor.adopted.Load() {
		waits, err := d.rows.waits(ctx, d.floor.cfg.Node, agent, d.floor.boot)
		if err != nil || waits {
			return err // Adopt shows him his screen
		}
	}
	if d.Shown != nil && d.Shown(agent) {
		elsewhere, err := d.rows.elsewhere(ctx, d.floor.cfg.Node, agent)
		if err != nil || elsewhere {
			return err
		}
	}
	today, _, err := d.rows.today(ctx, agent, midnight(d.clock()))
	if err != nil {
		return err
	}
	d.floor.greet(person, today)
	return nil
}
