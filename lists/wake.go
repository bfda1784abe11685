package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// WakeChannel is where campaigns are named (NOTIFY) whose dialer should look at its lists now.
const WakeChannel = "dialtide_wake"

const (
	wakeCheck = 2 * time.Second // a listening connection that is gone is noticed after this time
	wakeAgain = time.Second
)

// Wakes calls wake for each campaign that got a hot contact, or contacts before those that were passed already, until ctx
// ends. It listens on a connection of its own. When that was lost, something may have been missed: then it calls wake with
// the id of zeros, which means every campaign. Problems are told to failed. Nothing depends on it but speed.
func (s *Store) Wakes(ctx context.Context, wake func(campaign uuid.UUID), failed func(error)) {
	for ctx.Err() == nil {
		err := s.listen(ctx, wake)
		if ctx.Err() != nil {
			return
		}
		failed(fmt.Errorf("listen for hot contacts: %w", err))
		pause := time.NewTimer(wakeAgain)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

func (s *Store) listen(ctx context.Context, wake func(uuid.UUID)) error {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // whatever it says, it is of no more use
	if _, err := conn.Exec(ctx, `LISTEN `+WakeChannel); err != nil {
		return err
	}
	wake(uuid.Nil)
	for {
		some, cancel := context.WithTimeout(ctx, wakeCheck)
		n, err := conn.WaitForNotification(some)
		quiet := some.Err() != nil
		cancel()
		switch {
		case err == nil:
			if id, err := uuid.Parse(n.Payload); err == nil {
				wake(id)
			}
		case ctx.Err() != nil:
			return ctx.Err()
		case !quiet:
			return err
		default:
			if err := conn.Ping(ctx); err != nil {
				return err
			}
		}
	}
}
