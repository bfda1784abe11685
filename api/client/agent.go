package client

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
)

// AgentTopic is the topic of an agent's screen.
func AgentTopic(id uuid.UUID) string { return "agent:" + id.String() }

// Desk is an agent's place: his screen and his commands.
type Desk struct {
	*Stream
	ID uuid.UUID
}

// Desk opens the stream of the signed-in agent.
func (c *Client) Desk(ctx context.Context) (*Desk, error) {
	me, err := c.Me(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.Stream(ctx, AgentTopic(me.ID))
	if err != nil {
		return nil, err
	}
	return &Desk{Stream: s, ID: me.ID}, nil
}

// Screen is what the agent's page shows now. ok is false before the first one has come.
func (d *Desk) Screen() (screen agent.Screen, ok bool, err error) {
	return Item[agent.Screen](d.Stream, AgentTopic(d.ID), "screen")
}

// Await returns the first screen that fits.
func (d *Desk) Await(ctx context.Context, fits func(agent.Screen) bool) (screen agent.Screen, err error) {
	var bad error
	err = d.Until(ctx, func() bool {
		s, ok, err := d.Screen()
		if err != nil {
			bad = err
			return true
		}
		screen = s
		return ok && fits(s)
	})
	if bad != nil {
		return agent.Screen{}, bad
	}
	return screen, err
}

// Must sends a command and turns a refusal into an error.
func (d *Desk) Must(ctx context.Context, name string, data any) error {
	r, err := d.Command(ctx, name, data)
	if err != nil {
		return err
	}
	if !r.OK {
		return r.Error
	}
	return nil
}
