package demo

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

// counters keeps one live line on the terminal until ctx ends.
func counters(ctx context.Context, api *client.Client, stage *Stage, campaign uuid.UUID, out io.Writer) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			fmt.Fprintln(out)
			return nil
		case <-tick.C:
		}
		s, err := api.Summary(ctx, campaign)
		if err != nil {
			continue // the next second may do better; what is wrong stands in the log
		}
		fmt.Fprint(out, "\r\033[K  ", line(s, stage.Carrier.Stats().Open))
	}
}

func line(s lists.Summary, open int) string {
	n := s.AttemptsByOutcome
	rate := 0.0
	if s.Live > 0 {
		rate = 100 * float64(s.Abandoned) / float64(s.Live)
	}
	return fmt.Sprintf("attempts %d · connected %d · machine %d · busy %d · no answer %d · abandoned %d (%.1f %% of people) · open calls %d · dialable %d",
		s.Attempts, n[lists.Connected], n[lists.MachineFound], n[lists.Busy], n[lists.NoAnswer], s.Abandoned, rate, open, s.Dialable)
}
