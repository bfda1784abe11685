package dialer

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

// Recorder is what the dialer asks of the switch about the capture of a talk; dialer/asterisk implements it. The capture itself
// is begun by the dialplan (Dial.Record) and goes on without the dialer.
type Recorder interface {
	// Silence keeps what is said out of an attempt's capture, both sides, until Unsilence: time goes on in it as silence. until,
	// when that is meant to end by itself (zero: it is not), stays with the channel, so that a later dialer finds it. When it
	// fails, the capture may or may not go on. A dialer that dies changes nothing: what is silenced stays so.
	Silence(ctx context.Context, attempt uuid.UUID, until time.Time) error
	// Unsilence lets it in again.
	Unsilence(ctx context.Context, attempt uuid.UUID) error
	// Announce plays a sound to all who are in a session's bridge, and returns when it is heard. The error of a sound that does
	// not exist comes within half a second.
	Announce(ctx context.Context, attempt, session uuid.UUID, sound string) error
	// Told says what a channel carries of a former life of the dialer: silenced, until when, and whether the announcement was made.
	Told(ctx context.Context, attempt uuid.UUID) (RecorderState, error)
}

// RecorderState is what a customer's channel carries of its recording.
type RecorderState struct {
	Silenced  bool
	Until     time.Time // zero: until somebody asks
	Announced bool
}

// ErrNoRecorder says that captures cannot be paused, because the switch's manager interface is not set up.
var ErrNoRecorder = errors.New("recordings cannot be paused: the switch's manager interface is not set up")

const (
	announceTime = 3 * time.Second // of the request that begins it
	resumeAgain  = time.Second     // between tries to go on with a recording
)

// capture is how the recording of a live call stands. It belongs to the call's goroutine.
type capture struct {
	on      bool // the talk is captured
	policy  lists.RecordPolicy
	paused  bool      // silenced, but for a recording on demand that nobody has started
	started bool      // of demand
	until   time.Time // when a pause ends by itself; zero: it does not
	again   time.Time // when that is tried again
	refused bool      // could not be announced: it stays silenced
	began   bool      // marked as begun
}

// captures says how the call is to be recorded; it is asked before the call is placed.
func (l *liveCall) captures() bool {
	s := &l.plan.campaign.Settings
	l.rec.policy = s.Recording()
	l.rec.on = s.Captures(l.id) && !(l.rec.policy == lists.RecordDemand && l.e.cfg.Recorder == nil)
	return l.rec.on
}

func (l *liveCall) recorder(f func(ctx context.Context, r Recorder) error) error {
	if l.e.cfg.Recorder == nil {
		return ErrNoRecorder
	}
	ctx, cancel := context.WithTimeout(l.e.ctx, requestTimeout)
	defer cancel()
	return f(ctx, l.e.cfg.Recorder)
}

func (l *liveCall) mark(kind recording.MarkKind, at time.Time, by *uuid.UUID, d recording.Detail) {
	if l.e.cfg.Mark != nil {
		// The database keeps microseconds, and a row that is written twice is known by its time.
		l.e.cfg.Mark(recording.Mark{Attempt: l.id, At: at.Truncate(time.Microsecond), Kind: kind, By: by, Detail: d})
	}
}

// defaultMessage is what the dialplan plays where a campaign names no sound.
const defaultMessage = "dialtide/safe-harbor"

// markMessage notes that the callee hears the message now, whoever sent him there; how it ended is in the cause of the call's end.
func (l *liveCall) markMessage(now time.Time) {
	sound := l.plan.campaign.Settings.Message
	if sound == "" {
		sound = defaultMessage
	}
	l.mark(recording.Played, now, nil, recording.Detail{Announce: sound})
}

// beforeTalk silences a capture that is on demand, before there is anything to be heard. Should that fail, what precedes the
// first demand is not kept: package recording sees to it.
func (l *liveCall) beforeTalk() {
	if !l.rec.on || l.rec.policy != lists.RecordDemand || l.rec.started {
		return
	}
	err := l.recorder(func(ctx context.Context, r Recorder) error { return r.Silence(ctx, l.id, time.Time{}) })
	l.logged("a recording on demand is not silent before it is asked for", err)
}

// talkBegins notes that the recording has begun, and has it announced.
func (l *liveCall) talkBegins() {
	if !l.rec.on || l.rec.began {
		return
	}
	l.rec.began = true
	s := &l.plan.campaign.Settings
	d := recording.Detail{Policy: string(l.rec.policy), Announce: s.RecordAnnounce}
	if l.rec.policy == lists.RecordPercent {
		d.Percent = s.RecordPercent
	}
	l.mark(recording.Begun, l.m.BridgedAt, nil, d)
	if l.rec.policy != lists.RecordDemand {
		l.announceRecording()
	}
	l.showRecording()
}

// announceRecording has the sound played in the agent's bridge, away from the call's goroutine: both are connected and hear it
// together, so that nobody waits in silence.
func (l *liveCall) announceRecording() {
	sound, session := l.plan.campaign.Settings.RecordAnnounce, l.seat.Session
	if sound == "" {
		return
	}
	if l.talk != nil && l.talk.other != nil && l.talk.m.State == call.Conference {
		session = l.talk.other.room
	}
	l.e.background(func() {
		ctx, cancel := context.WithTimeout(l.e.ctx, announceTime)
		defer cancel()
		err := ErrNoRecorder
		if r := l.e.cfg.Recorder; r != nil {
			err = r.Announce(ctx, l.id, session, sound)
		}
		l.talkBox.post(l, talkMail{announced: true, announceErr: err})
	})
}

// announcedRecording takes in how that went. What could not be announced is not recorded from here on.
func (l *liveCall) announcedRecording(err error) {
	now := time.Now()
	if err == nil {
		l.mark(recording.Announced, now, nil, recording.Detail{Announce: l.plan.campaign.Settings.RecordAnnounce})
		return
	}
	if errors.Is(err, ErrNoChannel) || l.m.State != call.Talking {
		return
	}
	l.e.log.Error("a recording could not be announced and is not kept from here on", "attempt", l.id, "error", err)
	l.mark(recording.Unannounced, now, nil, recording.Detail{Announce: l.plan.campaign.Settings.RecordAnnounce, Why: "failed"})
	l.rec.paused, l.rec.refused, l.rec.until = true, true, time.Time{}
	l.logged("a recording without its announcement could not be silenced; what follows is left out when it is stored",
		l.recorder(func(ctx context.Context, r Recorder) error { return r.Silence(ctx, l.id, time.Time{}) }))
	l.showRecording()
}

var (
	errNotRecorded = agent.Refuse(agent.CodeNotRecorded, "this call is not recorded")
	errNotPaused   = agent.Refuse(agent.CodeRecordGoesOn, "the recording could not be paused: it goes on, take no card data now")
	errNotResumed  = agent.Refuse(agent.CodeRecordSilence, "the recording could not be switched on: it stays silent")
)

// recordingAsk does what an agent or a supervisor wants of the recording.
func (l *liveCall) recordingAsk(r *agent.TalkRequest) error {
	if !l.rec.on || l.rec.refused {
		return errNotRecorded
	}
	by, why := r.Agent, "agent"
	if r.Supervisor {
		why = "supervisor"
	}
	if r.Name == agent.TalkRecord {
		return l.demand(r.On, by, why)
	}
	if l.rec.policy == lists.RecordDemand && !l.rec.started {
		return errNotRecorded
	}
	if !r.On {
		return l.resumeRecording(&by, why)
	}
	until := time.Now().Add(l.plan.campaign.Settings.PauseTime())
	if err := l.recorder(func(ctx context.Context, rec Recorder) error { return rec.Silence(ctx, l.id, until) }); err != nil {
		l.e.log.Warn("a recording could not be paused", "attempt", l.id, "error", err)
		if !l.rec.paused { // half done is worse for the evidence than not done, and the agent is told that it goes on
			l.logged("a recording may be silent that should go on", l.recorder(func(ctx context.Context, rec Recorder) error { return rec.Unsilence(ctx, l.id) }))
		}
		return errNotPaused
	}
	was := l.rec.paused
	l.rec.paused, l.rec.until, l.rec.again = true, until, until
	if !was {
		l.mark(recording.Paused, time.Now(), &by, recording.Detail{Why: why})
	}
	l.showRecording()
	return nil
}

// demand starts or ends a recording on demand.
func (l *liveCall) demand(on bool, by uuid.UUID, why string) error {
	switch {
	case l.rec.policy != lists.RecordDemand:
		return errNotRecorded
	case on == l.rec.started:
		return nil
	case on:
		if err := l.recorder(func(ctx context.Context, r Recorder) error { return r.Unsilence(ctx, l.id) }); err != nil {
			l.e.log.Warn("a recording could not be started", "attempt", l.id, "error", err)
			return errNotResumed
		}
		l.rec.started = true
		l.mark(recording.Started, time.Now(), &by, recording.Detail{Why: why})
		l.announceRecording()
	default:
		if err := l.recorder(func(ctx context.Context, r Recorder) error { return r.Silence(ctx, l.id, time.Time{}) }); err != nil {
			l.e.log.Warn("a recording could not be stopped", "attempt", l.id, "error", err)
			return errNotPaused
		}
		l.rec.started, l.rec.paused, l.rec.until = false, false, time.Time{}
		l.mark(recording.Stopped, time.Now(), &by, recording.Detail{Why: why})
	}
	l.showRecording()
	return nil
}

// resumeRecording goes on with a paused recording. by nil: nobody asked, its time is over.
func (l *liveCall) resumeRecording(by *uuid.UUID, why string) error {
	if !l.rec.paused {
		return nil
	}
	if err := l.recorder(func(ctx context.Context, r Recorder) error { return r.Unsilence(ctx, l.id) }); err != nil {
		l.e.log.Warn("a paused recording could not go on", "attempt", l.id, "error", err)
		l.rec.again = time.Now().Add(resumeAgain)
		return errNotResumed
	}
	l.rec.paused, l.rec.until, l.rec.again = false, time.Time{}, time.Time{}
	l.mark(recording.Resumed, time.Now(), by, recording.Detail{Why: why})
	l.showRecording()
	return nil
}

// unrecorded says whether a campaign that may not call unrecorded would have to.
func (e *Engine) unrecorded(p *plan) bool {
	s := &p.campaign.Settings
	return s.RecordRequired && s.Recording() != lists.RecordNever && e.cfg.RecordingFails != nil && e.cfg.RecordingFails() != ""
}

// recordingDue is when a pause is over; zero: never.
func (l *liveCall) recordingDue() time.Time {
	if !l.rec.paused || l.rec.refused {
		return time.Time{}
	}
	return l.rec.again
}

func (l *liveCall) recordingTick() {
	if due := l.recordingDue(); !due.IsZero() && l.m.State == call.Talking && !time.Now().Before(due) {
		l.logged("a pause is over", l.resumeRecording(nil, "time"))
	}
}

// adoptRecording finds out how the recording of a call of a former life stands. What is silenced stays so until its time is over.
func (l *liveCall) adoptRecording() {
	if l.e.cfg.Recorder == nil || !l.captures() {
		return
	}
	l.rec.began = true
	state := RecorderState{Silenced: true}
	err := l.recorder(func(ctx context.Context, r Recorder) (err error) { state, err = r.Told(ctx, l.id); return err })
	if err != nil {
		l.e.log.Warn("how a call's recording stands could not be read; it is taken as it is", "attempt", l.id, "error", err)
		return
	}
	s := &l.plan.campaign.Settings
	switch {
	case l.rec.policy == lists.RecordDemand && (!state.Silenced || !state.Until.IsZero()):
		l.rec.started = true
		fallthrough
	case l.rec.policy != lists.RecordDemand:
		l.rec.paused, l.rec.until, l.rec.again = state.Silenced, state.Until, state.Until
		l.rec.refused = state.Silenced && state.Until.IsZero()
	}
	if l.rec.paused && !l.rec.until.IsZero() {
		// The former life may have died between the note on the channel and the act.
		l.logged("a paused recording may not be silent", l.recorder(func(ctx context.Context, r Recorder) error { return r.Silence(ctx, l.id, state.Until) }))
	}
	if s.RecordAnnounce != "" && !state.Announced && !l.rec.refused && (l.rec.policy != lists.RecordDemand || l.rec.started) {
		l.announceRecording()
	}
	l.showRecording()
}

// showRecording puts how the recording stands on the agent's screen.
func (l *liveCall) showRecording() {
	if l.e.cfg.ShowRecording == nil || l.seat.Session == uuid.Nil || l.talk != nil && l.talk.freed {
		return
	}
	v := agent.RecordingView{On: l.rec.on && (l.rec.policy != lists.RecordDemand || l.rec.started), Paused: l.rec.paused,
		Demand: l.rec.on && l.rec.policy == lists.RecordDemand, MayPause: l.e.cfg.Recorder != nil && !l.rec.refused}
	if !l.rec.until.IsZero() {
		until := l.rec.until
		v.Until = &until
	}
	l.e.cfg.ShowRecording(l.seat.Session, l.id, v)
}
