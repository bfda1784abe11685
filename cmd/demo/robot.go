package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/api/client"
)

// robot is an agent who works through the API as a person's browser does: signs in, gets ready, follows the script,
// hangs up when he is done, disposes. His phone answers by itself.
type robot struct {
	api      *client.Client
	stream   *client.Stream
	me       uuid.UUID
	campaign uuid.UUID
	rand     *rand.Rand
	log      *slog.Logger
	pace     time.Duration // how long he reads and listens at one script step, on average
}

// newRobot signs in and opens the stream.
func newRobot(ctx context.Context, base, login, password string, campaign uuid.UUID, seed uint64, log *slog.Logger) (*robot, error) {
	api, err := client.New(base)
	if err != nil {
		return nil, err
	}
	user, err := api.Login(ctx, login, password)
	if err != nil {
		return nil, fmt.Errorf("robot %s: %w", login, err)
	}
	st, err := api.Stream(ctx, "agent:"+user.ID.String())
	if err != nil {
		return nil, fmt.Errorf("robot %s: %w", login, err)
	}
	return &robot{api: api, stream: st, me: user.ID, campaign: campaign, rand: rand.New(rand.NewPCG(seed, 2)),
		log: log.With("robot", login), pace: 2500 * time.Millisecond}, nil
}

// run works until ctx ends.
func (r *robot) run(ctx context.Context) error {
	defer r.api.Close()
	defer r.stream.Close()
	if err := r.command(ctx, "login", map[string]any{"campaign_id": r.campaign}); err != nil {
		return err
	}
	for ctx.Err() == nil {
		s, err := r.await(ctx, func(s agent.Screen) bool {
			return (s.State == agent.NotReady && s.Phone == agent.PhoneUp) || s.State == agent.Talking || s.NeedsDisposition
		})
		if err != nil {
			return ctxErr(ctx, err)
		}
		switch {
		case s.State == agent.Talking && s.Pop != nil:
			err = r.talk(ctx, s.Pop)
		case s.NeedsDisposition && s.Pop != nil:
			err = r.dispose(ctx, s.Pop)
		default:
			err = r.command(ctx, "ready", nil)
		}
		if err != nil && ctx.Err() == nil {
			r.log.Info("robot goes on after a refusal", "err", err)
			r.think(ctx, time.Second)
		}
	}
	return nil
}

// talk follows the script until it or the call ends, then hangs up.
func (r *robot) talk(ctx context.Context, pop *agent.Pop) error {
	sc, err := r.script(ctx, pop.Script)
	if err != nil {
		return err
	}
	for step := sc.Start(); step != ""; {
		r.think(ctx, r.pace)
		if !r.talking(pop.AttemptID) {
			return nil
		}
		next, err := r.answer(ctx, pop, sc, step)
		if err != nil {
			return err
		}
		step = next
	}
	r.think(ctx, r.pace)
	if !r.talking(pop.AttemptID) {
		return nil
	}
	err = r.command(ctx, "hangup", map[string]any{"attempt_id": pop.AttemptID})
	var refused *client.CommandError
	if errors.As(err, &refused) && refused.Code == "call_over" {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = r.await(ctx, func(agent.Screen) bool { return !r.talking(pop.AttemptID) })
	return err
}

// answer gives a made-up answer to a step and returns the next step, "" at the end.
func (r *robot) answer(ctx context.Context, pop *agent.Pop, sc *script.Script, step string) (string, error) {
	st, ok := sc.Step(step)
	if !ok || len(st.Questions) == 0 {
		return "", nil
	}
	var value any = "evening"
	switch st.Questions[0].Type {
	case script.Single:
		// The first option is the friendly one; people are friendly two times out of three.
		options := sc.Options(st.Questions[0].ID)
		value = options[0].Value
		if r.rand.IntN(3) == 0 {
			value = options[r.rand.IntN(len(options))].Value
		}
	case script.Number:
		value = 1 + r.rand.IntN(6)
	}
	reply, err := r.stream.Command(ctx, "answer", map[string]any{"attempt_id": pop.AttemptID, "step": step, "value": value})
	if err != nil {
		return "", err
	}
	if !reply.OK {
		return "", reply.Error
	}
	var data struct {
		Next string `json:"next"`
	}
	if err := json.Unmarshal(reply.Data, &data); err != nil {
		return "", fmt.Errorf("answer reply: %w", err)
	}
	return data.Next, nil
}

func (r *robot) dispose(ctx context.Context, pop *agent.Pop) error {
	r.think(ctx, r.pace)
	code := []string{"sale", "not_interested", "not_interested", "callback", "not_interested", "wrong_number"}[r.rand.IntN(6)]
	data := map[string]any{"attempt_id": pop.AttemptID, "code": code, "note": ""}
	if code == "callback" {
		data["callback_at"] = time.Now().Add(time.Duration(2+r.rand.IntN(20)) * time.Minute).UTC().Format(time.RFC3339)
		data["note"] = "asked to be called again"
	}
	err := r.command(ctx, "dispose", data)
	if refused := (*client.CommandError)(nil); errors.As(err, &refused) && refused.Code == agent.CodeCallbackUnlawful {
		if data["callback_at"] = refused.Next; refused.Next == nil {
			data["code"], data["callback_at"] = "not_interested", nil
		}
		err = r.command(ctx, "dispose", data)
	}
	if err != nil {
		return err
	}
	_, err = r.await(ctx, func(s agent.Screen) bool { return !s.NeedsDisposition })
	return err
}

func (r *robot) screen() (agent.Screen, bool) {
	s, ok, err := client.Item[agent.Screen](r.stream, "agent:"+r.me.String(), "screen")
	return s, ok && err == nil
}

func (r *robot) await(ctx context.Context, want func(agent.Screen) bool) (agent.Screen, error) {
	var s agent.Screen
	err := r.stream.Until(ctx, func() bool {
		var ok bool
		s, ok = r.screen()
		return ok && want(s)
	})
	return s, err
}

func (r *robot) talking(attempt uuid.UUID) bool {
	s, ok := r.screen()
	return ok && s.State == agent.Talking && s.Pop != nil && s.Pop.AttemptID == attempt
}

func (r *robot) command(ctx context.Context, name string, data any) error {
	reply, err := r.stream.Command(ctx, name, data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !reply.OK {
		return fmt.Errorf("%s: %w", name, reply.Error)
	}
	return nil
}

// think lets about d pass, sometimes half, sometimes one and a half times as much.
func (r *robot) think(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d/2 + time.Duration(r.rand.Int64N(int64(d)+1)))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (r *robot) script(ctx context.Context, ref agent.PopScript) (*script.Script, error) {
	v, err := r.api.Script(ctx, ref.ID, ref.Version)
	if err != nil {
		return nil, err
	}
	return script.Parse(v.Body)
}

func ctxErr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
