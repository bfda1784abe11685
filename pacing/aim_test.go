package pacing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAims: an aim of occupancy or wait, and the ceiling of occupancy, are reached and held, and the cap holds with them.
func TestAims(t *testing.T) {
	for _, c := range []struct {
		name     string
		cfg      Config
		from, to float64 // utilisation
	}{
		{"aim of 70 % occupancy", Config{Aim: Occupancy, AimValue: 0.7}, 0.66, 0.74},
		{"ceiling of 80 %", Config{MaxOccupancy: 0.8}, 0.74, 0.82},
		{"aim of 30 %, less than one to one gives", Config{Aim: Occupancy, AimValue: 0.3}, 0.2, 0.4},
		{"aim of 25 s wait", Config{Aim: Wait, AimValue: 25}, 0.77, 0.85}, // talk and wrap-up take 105 s
		{"an aim that the cap does not allow", Config{Aim: Occupancy, AimValue: 1}, 0.85, 0.93},
	} {
		c.cfg.Mode, c.cfg.Target = Predictive, 0.03
		w := newCarrier(t, c.cfg, 29, 30)
		w.run(time.Hour)
		w.utilisation()
		w.rate()
		w.run(90 * time.Minute)
		used, rate := w.utilisation(), w.rate()
		t.Logf("%s: %.1f %% busy, %.2f %% abandoned", c.name, 100*used, 100*rate)
		require.GreaterOrEqual(t, used, c.from, c.name)
		require.LessOrEqual(t, used, c.to, c.name)
		require.LessOrEqual(t, rate, 0.035, c.name)
	}
}

// TestRoom: what the trunk allows is never exceeded, and named.
func TestRoom(t *testing.T) {
	for _, c := range []struct {
		room  Room
		lines int
		want  int
		limit Limit
	}{
		{Room{Lines: 3, CPS: 50, Up: true}, 0, 3, Lines},
		{Room{Lines: 50, CPS: 2, Up: true}, 0, 2, CPS},
		{Room{Lines: 50, CPS: 50, Up: false}, 0, 0, SwitchDown},
		{Room{Lines: 50, CPS: 50, Up: true}, 4, 4, Ceiling},
		{Room{Lines: -1, CPS: 50, Up: true}, 0, 0, Lines},
		{Room{}, 0, 0, SwitchDown},
		{Room{Lines: 50, CPS: 50, Up: true}, 0, 10, Agents},
	} {
		e := New(Config{Mode: Progressive, MaxLines: c.lines})
		for i := range 10 {
			e.Observe(Event{At: noon, Kind: AgentReady, Agent: Num(uint64(i))})
		}
		d := e.Decide(noon, c.room)
		require.Equal(t, c.want, d.Dial, "%+v", c)
		require.True(t, d.Limit == c.limit || c.room == Room{}, "%+v says %s", c, d.Limit)
	}
	e := New(Config{Mode: Predictive, Target: 0.03})
	d := e.Decide(noon, roomy)
	require.Zero(t, d.Dial)
	require.Equal(t, NoAgents, d.Limit)
	e.Observe(Event{At: noon, Kind: AgentReady})
	picks, d := e.DecideAmong(noon, roomy, []float64{}, nil)
	require.Empty(t, picks)
	require.Equal(t, Contacts, d.Limit)
}
