package api_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
)

const boardTarget = 500 * time.Millisecond // from a fact to the board, as the README promises it

// watchBoard has a supervisor's page read the rows of these agents, as long as the pops go on. What it returns ends that, and tells how
// long each change of an agent's state took from its own time until the page's program had read it.
func (o *office) watchBoard(agents []uuid.UUID) func() boardRun {
	o.t.Helper()
	boss, _ := o.as("boss-"+uuid.NewString()[:8], api.Supervisor)
	s, err := boss.Stream(o.t.Context(), "board")
	require.NoError(o.t, err)
	eventually(o.t, func() bool { return len(s.Table("board")) >= len(o.agents) }, "the board")
	since := map[uuid.UUID]time.Time{}
	var run boardRun
	look := func(now time.Time) {
		for _, id := range agents {
			row, ok, err := client.Item[struct{ Since time.Time }](s, "board", "agent/"+id.String())
			if err != nil || !ok || row.Since.Equal(since[id]) {
				continue
			}
			if !since[id].IsZero() {
				run.ways = append(run.ways, now.Sub(row.Since))
			}
			since[id] = row.Since
		}
	}
	look(time.Now())
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			changed := s.Changed()
			look(time.Now())
			select {
			case <-stop:
				return
			case <-changed:
			}
		}
	}()
	return func() boardRun {
		close(stop)
		<-done
		s.Close()
		slices.Sort(run.ways)
		return run
	}
}

// boardRun is how long facts took to a viewer of the board, sorted.
type boardRun struct{ ways []time.Duration }

func (r boardRun) String() string {
	if len(r.ways) == 0 {
		return "board: nothing changed"
	}
	at := func(percent int) time.Duration { return r.ways[min(len(r.ways)*percent/100, len(r.ways)-1)] }
	return fmt.Sprintf("board: %d changes of agents, p50 %.1f ms, p99 %.1f ms, max %.1f ms; p99 is %.2f of the 500 ms", len(r.ways), ms(at(50)), ms(at(99)), ms(at(100)),
		float64(at(99))/float64(boardTarget))
}
