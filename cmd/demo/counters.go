package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"
	"golang.org/x/term"

	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

// counters keeps one live line on a terminal until ctx ends; elsewhere it writes a line every ten seconds.
func counters(ctx context.Context, api *client.Client, stage *Stage, campaign uuid.UUID, out io.Writer) error {
	file, isFile := out.(*os.File)
	live := isFile && term.IsTerminal(int(file.Fd()))
	every, before, after := 10*time.Second, "  ", "\n"
	if live {
		every, before, after = time.Second, "\r\033[K  ", ""
	}
	tick := time.NewTicker(every)
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
		text := line(s, stage.Carrier.Stats().Open)
		if live {
			text = fit(text, file)
		}
		fmt.Fprint(out, before, text, after)
	}
}

// fit cuts the text to the terminal's width: a line that wraps cannot be written over.
func fit(text string, terminal *os.File) string {
	width, _, err := term.GetSize(int(terminal.Fd()))
	runes := []rune(text)
	if err != nil || width <= 3 || len(runes) <= width-3 {
		return text
	}
	return string(runes[:width-3])
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
