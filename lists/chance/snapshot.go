package chance

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// snapshotVersion grows with every change of the features: weights of others mean something else.
const snapshotVersion = 1

// snapshot is a model as JSON. Weights are pairs of float32, little-endian.
type snapshot struct {
	Version int               `json:"version"`
	Weights []byte            `json:"weights"`
	Base    float64           `json:"base"`
	Learned int64             `json:"learned"`
	Steps   [levelSteps]level `json:"steps"`
	Since   int               `json:"since"`
	All     tally             `json:"all"`
	Recent  tally             `json:"recent"`
}

// Snapshot returns the model as JSON, for Restore; about 20 kB.
func (m *Model) Snapshot() ([]byte, error) {
	s := snapshot{Version: snapshotVersion, Weights: make([]byte, 0, weights*8), Base: m.base, Learned: m.learned, Steps: m.levels.steps,
		Since: m.levels.since, All: m.all, Recent: m.recent}
	for _, w := range m.weights {
		s.Weights = binary.LittleEndian.AppendUint32(s.Weights, math.Float32bits(w.mean))
		s.Weights = binary.LittleEndian.AppendUint32(s.Weights, math.Float32bits(w.spread))
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("chance: write snapshot: %w", err)
	}
	return b, nil
}

// Restore makes the model of a snapshot again. A snapshot that is broken or of another version is an error; a New model or a
// Child of a wider one takes its place then.
func Restore(b []byte) (*Model, error) {
	var s snapshot
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("chance: read snapshot: %w", err)
	}
	if s.Version != snapshotVersion {
		return nil, fmt.Errorf("chance: snapshot of version %d, not %d", s.Version, snapshotVersion)
	}
	if len(s.Weights) != weights*8 || !(s.Base >= 0.01 && s.Base <= 0.95) || s.Learned < 0 || s.Since < 0 || s.Since >= levelForget {
		return nil, fmt.Errorf("chance: snapshot is broken")
	}
	m := &Model{base: s.Base, learned: s.Learned, all: s.All, recent: s.Recent}
	m.recent.Memory, m.all.Memory = recentMemory, 0
	for i := range m.weights {
		w := weight{math.Float32frombits(binary.LittleEndian.Uint32(s.Weights[i*8:])), math.Float32frombits(binary.LittleEndian.Uint32(s.Weights[i*8+4:]))}
		if !(w.mean >= -weightMost && w.mean <= weightMost) || !(w.spread >= 0 && w.spread <= groups[groupOf[i]].spread) {
			return nil, fmt.Errorf("chance: weight %d of the snapshot is broken", i)
		}
		m.weights[i] = w
	}
	for i, l := range s.Steps {
		low := 0.0
		if i > 0 {
			low = levelEnds[i-1]
		}
		if !(l.N >= 0 && l.N <= 2*levelMemory && l.Came >= 0 && l.Came <= l.N*1.000001 && l.Given >= low*l.N*0.999999 && l.Given <= l.N*1.000001) {
			return nil, fmt.Errorf("chance: step %d of the snapshot is broken", i)
		}
	}
	if !s.All.sound() || !s.Recent.sound() {
		return nil, fmt.Errorf("chance: the report of the snapshot is broken")
	}
	m.levels.steps, m.levels.since = s.Steps, s.Since
	m.levels.fit()
	return m, nil
}
