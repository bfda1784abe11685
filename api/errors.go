package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/filter"
	"github.com/dialtide/dialtide/recording"
	"github.com/dialtide/dialtide/recording/quality"
)

var errDatabase = errors.New("the database does not answer")

// known are the errors that callers can do something about, in the order in which they are looked for. Text "" says what
// the error says.
var known = []struct {
	err    error
	status int
	code   string
	text   string
}{
	{lists.ErrNotFound, http.StatusNotFound, "not_found", "there is no such thing, or it is not yours to see"},
	{errNoUser, http.StatusNotFound, "not_found", ""},
	{recording.ErrNotFound, http.StatusNotFound, "not_found", ""},
	{lists.ErrExists, http.StatusConflict, "exists", "the name is taken"},
	{errLoginTaken, http.StatusConflict, "exists", ""},
	{lists.ErrStale, http.StatusConflict, "stale", "somebody else changed it in the meantime: load it again"},
	{lists.ErrDecided, http.StatusConflict, "decided", ""},
	{lists.ErrTestRuns, http.StatusConflict, "test_runs", ""},
	{lists.ErrInCall, http.StatusConflict, "in_call", ""},
	{lists.ErrCallbackOver, http.StatusConflict, "callback_over", ""},
	{lists.ErrCallbackTaken, http.StatusConflict, "callback_taken", ""},
	{lists.ErrCallbackCalling, http.StatusConflict, "callback_calling", ""},
	{lists.ErrAlreadyDisposed, http.StatusConflict, "already_disposed", ""},
	{lists.ErrExperimentRuns, http.StatusConflict, "test_runs", ""},
	{lists.ErrPauseFirst, http.StatusConflict, "pause_first", ""},
	{lists.ErrHelpOpen, http.StatusConflict, "help_open", ""},
	{lists.ErrHelpOver, http.StatusConflict, "help_over", ""},
	{lists.ErrHelpTaken, http.StatusConflict, "help_taken", ""},
	{lists.ErrNotAtDesk, http.StatusConflict, "not_logged_in", "log in to a campaign first"},
	{lists.ErrNoticeOver, http.StatusConflict, "notice_over", ""},
	{lists.ErrOwned, http.StatusConflict, "owned", ""},
	{quality.ErrEvaluated, http.StatusConflict, "evaluated", ""},
	{quality.ErrOwnEvaluation, http.StatusForbidden, "own_evaluation", ""},
	{quality.ErrAppealOpen, http.StatusConflict, "appeal_open", ""},
	{quality.ErrAppealed, http.StatusConflict, "appealed", ""},
	{quality.ErrAppealOver, http.StatusConflict, "appeal_over", ""},
	{quality.ErrAppealDecided, http.StatusConflict, "appeal_decided", ""},
	{quality.ErrClosed, http.StatusConflict, "calibration_closed", ""},
	{quality.ErrNotAsked, http.StatusForbidden, "not_asked", ""},
	{quality.ErrTaskDone, http.StatusConflict, "task_done", ""},
	{quality.ErrNotDue, http.StatusNotFound, "not_due", ""},
	{recording.ErrHoldExists, http.StatusConflict, "held", ""},
	{recording.ErrNoHold, http.StatusNotFound, "not_found", ""},
	{dialer.ErrNotYours, http.StatusForbidden, "forbidden", ""},
	{dialer.ErrNoWatch, http.StatusNotFound, "not_found", "the watch is over: begin a new one"},
	{recording.ErrDamaged, http.StatusInternalServerError, "recording_damaged", ""},
	{errDatabase, http.StatusServiceUnavailable, "unavailable", ""},
}

// problem is the one place that turns errors of any layer into what a caller sees. What is not known here is logged under
// the request's id and shown as "internal" without its text.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	p := s.classify(ctx, err)
	p.RequestID = requestOf(ctx).id
	return p
}

func (s *Server) classify(ctx context.Context, err error) *Problem {
	var p *Problem
	var model *huma.ErrorModel
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &model):
		return newProblem(model.Status, codes[model.Status], model.Detail)
	}
	if p := inputProblem(err); p != nil {
		return p
	}
	var held *recording.HeldError
	if errors.As(err, &held) {
		return newProblem(http.StatusConflict, "held", held.Error())
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			text := k.text
			if text == "" {
				text = k.err.Error()
			}
			return newProblem(k.status, k.code, text)
		}
	}
	if p := databaseProblem(err); p != nil {
		if p.Status >= 500 {
			s.opts.Log.Error("database", "request", requestOf(ctx).id, "route", requestOf(ctx).route, "err", err)
		}
		return p
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		p := newProblem(http.StatusServiceUnavailable, "unavailable", "it took too long: try again")
		p.retryAfter = defaultRetry
		return p
	}
	s.opts.Log.Error("request failed", "request", requestOf(ctx).id, "route", requestOf(ctx).route, "err", err)
	return newProblem(http.StatusInternalServerError, "internal", "something went wrong here; the log has it under the request's id")
}

// inputProblem maps refusals of fields to their place in the request.
func inputProblem(err error) *Problem {
	var user *UserError
	var field *lists.InputError
	var settings lists.SettingsError
	var wrong *filter.Error
	var card *quality.UnsoundError
	switch {
	case errors.As(err, &card):
		p := newProblem(http.StatusUnprocessableEntity, "invalid_input", card.Error())
		for _, f := range card.Faults {
			p.Errors = append(p.Errors, &huma.ErrorDetail{Location: "body.body." + f.Path, Message: f.Reason})
		}
		return p
	case errors.As(err, &wrong):
		return filterProblem(wrong)
	case errors.Is(err, lists.ErrInUse):
		return inUse(err)
	case errors.As(err, &user):
		return invalid("body."+user.Field, user.Reason)
	case errors.As(err, &field):
		return invalid("body."+field.Field, field.Reason)
	case errors.As(err, &settings):
		p := newProblem(http.StatusUnprocessableEntity, "invalid_input", "some settings are not valid")
		for _, f := range settings {
			p.Errors = append(p.Errors, &huma.ErrorDetail{Location: "body.settings." + f.Field, Message: f.Reason})
		}
		return p
	}
	return nil
}

// databaseProblem maps what PostgreSQL refused although nobody before it did, and what says that it is away.
func databaseProblem(err error) *Problem {
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &connect), pgconn.Timeout(err):
	case !errors.As(err, &pg):
		return nil
	case pg.Code == "22021", pg.Code == "22P05": // NUL or an escape that no text can hold
		return newProblem(http.StatusUnprocessableEntity, "invalid_input", "a text holds a character that cannot be stored")
	case pg.Code == "23505":
		return newProblem(http.StatusConflict, "exists", "there is one of that name already")
	case pg.Code == "23503":
		return newProblem(http.StatusUnprocessableEntity, "invalid_input", "it names something that does not exist, or something else still needs it")
	case strings.HasPrefix(pg.Code, "22"), pg.Code == "23514":
		return newProblem(http.StatusUnprocessableEntity, "invalid_input", "a value is outside of what can be stored")
	case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "53"), strings.HasPrefix(pg.Code, "57"), strings.HasPrefix(pg.Code, "40"):
	default:
		return nil
	}
	p := newProblem(http.StatusServiceUnavailable, "unavailable", errDatabase.Error()+" now: try again")
	p.retryAfter = defaultRetry
	return p
}
