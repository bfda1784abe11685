package agent

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func (d *Desk) dispose(ctx context.Context, agent uuid.UUID, c Command, data *disposeData) (any, error) {
	disposal := lists.Disposal{Command: c.ID, Attempt: data.AttemptID, Agent: agent, Code: data.Code, Note: data.Note,
		CallbackAt: data.CallbackAt, CallbackMine: data.CallbackMine, Fields: data.Fields, FollowUp: data.FollowUp}
	if ok, err := d.disposePart(ctx, agent, data); ok {
		return nil, err
	}
	pop, session, err := d.floor.disposing(agent, data.AttemptID)
	if err != nil {
		return d.disposedLate(ctx, disposal, err)
	}
	success, err := checkDisposal(pop, data, d.clock())
	if err != nil {
		d.floor.released(session)
		return nil, err
	}
	done, err := d.ledger.Dispose(ctx, disposal)
	switch {
	case errors.Is(err, lists.ErrAlreadyDisposed):
		d.floor.disposed(session, data.AttemptID, false)
		return nil, err
	case err != nil:
		d.floor.released(session)
		return nil, err
	}
	d.floor.disposed(session, data.AttemptID, success)
	if len(done.Open) > 0 && d.Withdraw != nil {
		d.Withdraw(ctx, done.Open)
	}
	return done, nil
}

// disposedLate takes a disposition of a call that is not the agent's any more: one that a process before this one carried out gets
// its reply again, and one of the agent's last call, whose time ran out while his page had no network, takes the place of what nobody
// gave. Else the reply is err.
func (d *Desk) disposedLate(ctx context.Context, disposal lists.Disposal, err error) (any, error) {
	if d.rows == nil {
		return nil, err
	}
	known, lookErr := d.rows.known(ctx, disposal.Agent, disposal.Command)
	switch {
	case lookErr != nil:
		return nil, lookErr
	case !known && codeOf(err) != CodeAlreadyDisposed:
		return nil, err
	}
	disposal.Late = undisposedCommand(disposal.Attempt)
	done, err := d.ledger.Dispose(ctx, disposal)
	if err != nil {
		return nil, err
	}
	if len(done.Open) > 0 && d.Withdraw != nil {
		d.Withdraw(ctx, done.Open)
	}
	return done, nil
}

// checkDisposal refuses early what the ledger would refuse, with codes that a page can show at the right field.
func checkDisposal(pop *Pop, data *disposeData, now time.Time) (success bool, err error) {
	if pop == nil {
		return false, nil // adopted without its pop: the ledger knows the codes
	}
	i := slices.IndexFunc(pop.Dispositions, func(c lists.DispositionCode) bool { return c.Code == data.Code })
	if i < 0 {
		return false, refuse(CodeUnknownCode, "the campaign has no such disposition")
	}
	code := pop.Dispositions[i]
	success = code.Meaning().Success
	have := maps.Clone(pop.Contact.Fields)
	if have == nil {
		have = map[string]string{}
	}
	maps.Copy(have, data.Fields)
	if missing := code.Missing(have); len(missing) > 0 {
		return false, &CommandError{Code: CodeFieldMissing, Field: missing[0],
			Message: missing[0] + ": must be filled in before this disposition: " + strings.Join(missing, ", ")}
	}
	if code.Effect != lists.EffectCallback {
		return success, nil
	}
	switch {
	case data.CallbackAt == nil:
		return false, refuse(CodeCallbackTimeMissing, "a callback needs a time")
	case !data.CallbackAt.After(now):
		return false, refuse(CodeCallbackTimePast, "the time of the callback is past")
	case data.CallbackAt.After(now.Add(maxFuture)):
		return false, refuse(CodeBadData, "the time of the callback is more than a year away")
	}
	return success, nil
}

// undisposedSpace makes the command ids of dispositions that nobody gave, so that a retry after an unknown commit has no second effect.
var undisposedSpace = uuid.MustParse("5b1c7b1e-5d0f-4f6b-9f43-4d1f8a3e9c02")

func undisposedCommand(attempt uuid.UUID) uuid.UUID { return uuid.NewSHA1(undisposedSpace, attempt[:]) }

// settle disposes a call that nobody disposed. What the agent had typed as a note is kept. A code that the campaign has no
// more, or that now wants more than nobody can give, becomes undisposed.
func (d *Desk) settle(ctx context.Context, o overdue) error {
	disposal := lists.Disposal{Command: undisposedCommand(o.attempt), Attempt: o.attempt, Agent: o.agent, Code: o.code, Note: o.note}
	if o.code == "" {
		disposal.Code = lists.Undisposed
	}
	done, err := d.ledger.Dispose(ctx, disposal)
	var input *lists.InputError
	if errors.As(err, &input) && disposal.Code != lists.Undisposed && input.Field != "attempt_id" {
		disposal.Code = lists.Undisposed
		done, err = d.ledger.Dispose(ctx, disposal)
	}
	switch {
	case err == nil:
		if len(done.Open) > 0 && d.Withdraw != nil {
			d.Withdraw(ctx, done.Open)
		}
	case errors.Is(err, lists.ErrAlreadyDisposed), errors.Is(err, lists.ErrCommandReused): // the latter by a process before this one
		return nil
	case errors.Is(err, lists.ErrNotFound), errors.As(err, &input):
		d.log.Error("a call stays without a disposition", "attempt", o.attempt, "error", err)
		return nil
	}
	return err
}

// codeOf is the code of a refusal, "" of any other error.
func codeOf(err error) string {
	var told *CommandError
	if errors.As(err, &told) {
		return told.Code
	}
	return ""
}
