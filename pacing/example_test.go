package pacing_test

import (
	"fmt"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// A program of its own drives the engine: it tells what happens and asks, after every event and about each second, how many
// contacts to dial now. Here two agents begin their day.
func Example() {
	engine := pacing.New(pacing.Config{
		Mode:    pacing.Predictive,
		Target:  0.03, // at most 3 % of live answers may be abandoned,
		Windows: []pacing.Span{pacing.Day},
		Caution: pacing.Strict, // at every moment
	})
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tell := func(kind pacing.Kind, agent, call uint64) {
		engine.Observe(pacing.Event{At: now, Kind: kind, Agent: pacing.Num(agent), Call: pacing.Num(call)})
	}
	room := pacing.Room{Lines: 30, CPS: 10, Up: true} // what the trunk allows

	tell(pacing.AgentReady, 1, 0)
	tell(pacing.AgentReady, 2, 0)
	d := engine.Decide(now, room)
	fmt.Println("dial", d.Dial)

	tell(pacing.Placed, 0, 101)
	tell(pacing.Placed, 0, 102)
	d = engine.Decide(now, room)
	fmt.Println("dial", d.Dial)

	now = now.Add(8 * time.Second)
	tell(pacing.Answered, 0, 101)
	tell(pacing.Connected, 1, 101)
	tell(pacing.NoAnswer, 0, 102)
	d = engine.Decide(now, room)
	fmt.Println("dial", d.Dial)

	// What must survive a restart:
	for _, c := range engine.Ledger().Counts(nil) {
		fmt.Println(c.Span, "live", c.Live, "abandoned", c.Abandoned)
	}
	// Output:
	// dial 2
	// dial 0
	// dial 1
	// day live 1 abandoned 0
}

// The next contacts differ: DecideAmong picks whom to dial by their chances of an answer.
func ExampleEngine_DecideAmong() {
	engine := pacing.New(pacing.Config{Mode: pacing.Progressive})
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for agent := range uint64(3) {
		engine.Observe(pacing.Event{At: now, Kind: pacing.AgentReady, Agent: pacing.Num(agent)})
	}
	next := []float64{0.4, 0.1, 0.3, 0.2, 0.5} // in list order
	picks, d := engine.DecideAmong(now, pacing.Room{Lines: 30, CPS: 10, Up: true}, next, nil)
	fmt.Println(len(picks) == d.Dial, d.Dial, d.Limit)
	// Output: true 3 agents
}

// Lines of a trunk are shared between campaigns by weight; what one does not want goes to the others.
func ExampleShare() {
	fmt.Println(pacing.Share(30, []int{4, 50, 50}, []float64{1, 1, 3}))
	// Output: [4 7 19]
}
