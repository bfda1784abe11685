package chance

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func drawPast(r *rapid.T) (p Past) {
	for range rapid.IntRange(0, 40).Draw(r, "attempts") {
		at := time.Unix(rapid.Int64().Draw(r, "at"), 0)
		if rapid.Bool().Draw(r, "sane") {
			at = monday.Add(time.Duration(rapid.IntRange(-1e6, 1e6).Draw(r, "minutes")) * time.Minute)
		}
		p.Add(at, rapid.IntRange(-5, 300).Draw(r, "hour"), Result(rapid.Uint8Range(0, 20).Draw(r, "result")))
	}
	return p
}

func drawFacts(r *rapid.T) Facts {
	f := Facts{At: time.Unix(rapid.Int64().Draw(r, "now"), 0), Hour: rapid.OneOf(rapid.Int(), rapid.IntRange(-1, 168)).Draw(r, "hour"),
		Kind: Kind(rapid.Uint8().Draw(r, "kind")), Callback: rapid.Bool().Draw(r, "callback"), Past: drawPast(r)}
	copy(f.List[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(r, "list"))
	return f
}

// TestWhateverIsLearned: chances stay in their bounds and the model can be restored, whatever it is taught.
func TestWhateverIsLearned(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := New(rapid.Float64().Draw(r, "base"))
		for range rapid.IntRange(0, 60).Draw(r, "n") {
			f := drawFacts(r)
			again := rapid.IntRange(1, 30).Draw(r, "again")
			live := rapid.Bool().Draw(r, "live")
			for range again {
				within(r, m.Learn(&f, live))
			}
			within(r, m.Score(&f))
			if rapid.IntRange(0, 20).Draw(r, "child") == 0 {
				m = m.Child()
			}
		}
		b, err := m.Snapshot()
		if err != nil {
			r.Fatal(err)
		}
		back, err := Restore(b)
		if err != nil {
			r.Fatal(err)
		}
		f := drawFacts(r)
		if back.Score(&f) != m.Score(&f) {
			r.Fatalf("%v is %v after a restore", m.Score(&f), back.Score(&f))
		}
		if rep := m.Report(); math.IsNaN(rep.Brier) || math.IsNaN(rep.LogLoss) || math.IsInf(rep.LogLoss, 0) || rep.String() == "" {
			r.Fatalf("%+v", rep)
		}
	})
}

func within(r *rapid.T, p float64) {
	if !(p >= Lowest && p <= Highest) {
		r.Fatalf("chance %v", p)
	}
}

// TestAlwaysTheSame drives weights as far as they go.
func TestAlwaysTheSame(t *testing.T) {
	f := Facts{At: monday, Hour: 9}
	for _, live := range []bool{false, true} {
		m := New(0)
		for range 200_000 {
			m.Learn(&f, live)
		}
		if live {
			require.Greater(t, m.Score(&f), 0.95)
		} else {
			require.Less(t, m.Score(&f), 0.01)
		}
		for range 3000 {
			m.Learn(&f, !live)
		}
		if live {
			require.Less(t, m.Score(&f), 0.3, "it must not have grown deaf")
		} else {
			require.Greater(t, m.Score(&f), 0.7, "it must not have grown deaf")
		}
	}
}

// TestPastsComeBack: what was written is read, what is broken is refused.
func TestPastsComeBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := drawPast(r)
		back, err := ParsePast(p.Bytes())
		if err != nil {
			r.Fatal(err)
		}
		// Marks beyond n are left over from shifting and mean nothing.
		if string(back.Bytes()) != string(p.Bytes()) {
			r.Fatalf("%+v is %+v", p, back)
		}
		if tries, live := p.Tries(); live > tries || len(p.Bytes()) > 81 {
			r.Fatalf("%d of %d answered, %d bytes", live, tries, len(p.Bytes()))
		}
	})
	for _, bad := range [][]byte{{1}, {2, 0, 0, 0, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 0}, {1, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 9, 7}} {
		_, err := ParsePast(bad)
		require.Error(t, err, "%v", bad)
	}
}

func FuzzParsePast(f *testing.F) {
	var p Past
	p.Add(monday, 9, Live)
	p.Add(monday.Add(time.Hour), 10, Busy)
	f.Add(p.Bytes())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePast(b)
		if err != nil {
			return
		}
		facts := Facts{At: monday, Hour: 9, Past: p}
		if c := New(0).Score(&facts); !(c >= Lowest && c <= Highest) {
			t.Fatal(c)
		}
		p.Add(monday, 9, NoAnswer)
		if _, err := ParsePast(p.Bytes()); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzRestore(f *testing.F) {
	b, err := New(0).Snapshot()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Restore(b)
		if err != nil {
			return
		}
		facts := Facts{At: monday, Hour: 9}
		for i := range 10 {
			if c := m.Learn(&facts, i%2 == 0); !(c >= Lowest && c <= Highest) {
				t.Fatal(c)
			}
		}
		_ = m.Report().String()
	})
}
