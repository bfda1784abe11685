package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

// counters keeps one live line on a terminal until ctx ends; elsewhere it writes a line every ten seconds.
func counters(ctx context.Context, api *client.Client, stage *Stage, campaign uuid.UUID, scr *screen) error {
	every := 10 * time.Second
	if scr.terminal != nil {
		every = time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			fmt.Fprintln(scr.out)
			return nil
		case <-tick.C:
		}
		s, err := api.Summary(ctx, campaign)
		if err != nil {
			continue // the next second may do better; what is wrong stands in the log
		}
		scr.say(line(s, stage.Carrier.Stats().Open))
	}
}

func line(s lists.Summary, open int) string {
	n := s.AttemptsByOutcome
	rate := 0.0
	if s.Live > 0 {
		rate = 100 * float64(s.Abandoned) / float64(s.Live)
	}
	return fmt.Sprintf("calls %d · attempts %d · connected %d · abandoned %d (%.1f %%) · machine %d · no answer %d · busy %d · dialable %d",
		open, s.Attempts, n[lists.Connected], s.Abandoned, rate, n[lists.MachineFound], n[lists.NoAnswer], n[lists.Busy], s.Dialable)
}
