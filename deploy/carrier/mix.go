package carrier

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Kind is a way in which a called number behaves.
type Kind string

// The kinds of callees. Refusals answer with the SIP status in brackets.
const (
	Human       Kind = "human"        // rings, answers, says hello, talks, hangs up
	EarlyHangup Kind = "early_hangup" // a human who answers and hangs up within moments
	Machine     Kind = "machine"      // rings, answers with a long greeting and a beep, listens 30 s
	Busy        Kind = "busy"         // refuses without ringing (486)
	NoAnswer    Kind = "no_answer"    // rings until the caller cancels
	Unallocated Kind = "unallocated"  // no such number (404)
	Congestion  Kind = "congestion"   // the network is full (503)
	Unavailable Kind = "unavailable"  // rings, then is temporarily unavailable (480)
	Rejected    Kind = "rejected"     // declines (603)
	Silent      Kind = "silent"       // the trunk is dead: no SIP answer at all
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return []Kind{Human, EarlyHangup, Machine, Busy, NoAnswer, Unallocated, Congestion, Unavailable, Rejected, Silent}
}

// status is the final answer of a kind, 200 if it picks up, 0 if it never answers.
func (k Kind) status() int {
	switch k {
	case Human, EarlyHangup, Machine:
		return 200
	case Busy:
		return 486
	case NoAnswer, Unavailable:
		return 480
	case Unallocated:
		return 404
	case Congestion:
		return 503
	case Rejected:
		return 603
	}
	return 0
}

func (k Kind) rings() bool { return k.status() == 200 || k == NoAnswer || k == Unavailable }

// Behaviour is what one call will do. Times are from the step before.
type Behaviour struct {
	Kind   Kind
	Setup  time.Duration // from the INVITE to ringing, or to a refusal that does not ring
	Ring   time.Duration // from ringing to the answer; with 0 there is no ringing. NoAnswer rings for 3 min if 0
	Talk   time.Duration // from the answer to our BYE; 0 leaves the hang-up to the caller
	Early  bool          // ring with audible ringback (183 with early media) instead of 180
	Status int           // final status of a refusal instead of the kind's own
	Cause  int           // Q.850 cause sent in our BYE; 0 sends none, as many networks do
	Tone   float64       // Hz of a human's talk; 0 takes what Options.Tones says
}

// Dist is a distribution of durations: Min plus an exponential part such that the mean is Mean, cut off at Max
// (which lowers the true mean a little). Mean <= Min is the constant Min; Max 0 does not cut.
// In JSON durations are strings such as "1.5s".
type Dist struct{ Min, Mean, Max time.Duration }

// Constant always gives d.
func Constant(d time.Duration) Dist { return Dist{Min: d} }

func (d Dist) sample(r *rand.Rand) time.Duration {
	v := d.Min
	if d.Mean > d.Min {
		v += time.Duration(r.ExpFloat64() * float64(d.Mean-d.Min))
	}
	if d.Max > 0 {
		v = min(v, d.Max)
	}
	return v
}

type distText struct {
	Min  string `json:"min"`
	Mean string `json:"mean,omitempty"`
	Max  string `json:"max,omitempty"`
}

// MarshalJSON writes durations as strings.
func (d Dist) MarshalJSON() ([]byte, error) {
	t := distText{Min: d.Min.String()}
	if d.Mean > 0 {
		t.Mean = d.Mean.String()
	}
	if d.Max > 0 {
		t.Max = d.Max.String()
	}
	return json.Marshal(t)
}

// UnmarshalJSON reads durations from strings.
func (d *Dist) UnmarshalJSON(b []byte) error {
	var t distText
	if err := json.Unmarshal(b, &t); err != nil {
		return err
	}
	for _, f := range []struct {
		text string
		into *time.Duration
	}{{t.Min, &d.Min}, {t.Mean, &d.Mean}, {t.Max, &d.Max}} {
		*f.into = 0
		if f.text == "" {
			continue
		}
		v, err := time.ParseDuration(f.text)
		if err != nil {
			return err
		}
		*f.into = v
	}
	return nil
}

// Mix says how often callees behave in which way, and how long things take.
type Mix struct {
	Weights     map[Kind]float64 `json:"weights"` // relative; kinds left out do not occur
	Setup       Dist             `json:"setup"`
	HumanRing   Dist             `json:"human_ring"`
	MachineRing Dist             `json:"machine_ring"`
	Talk        Dist             `json:"talk"`
	Impatience  Dist             `json:"early_hangup"` // how long one who hangs up early stays
	Early       bool             `json:"early_media"`  // audible ringback instead of a plain 180
}

// DefaultMix is a consumer list in the early evening: about a third of the calls reach a person.
func DefaultMix() Mix {
	return Mix{
		Weights: map[Kind]float64{
			Human: 34, EarlyHangup: 2, Machine: 22, Busy: 6, NoAnswer: 26, Unallocated: 4, Congestion: 1.5,
			Unavailable: 2.5, Rejected: 1.5, Silent: 0.5,
		},
		Setup:       Dist{100 * time.Millisecond, 400 * time.Millisecond, 2 * time.Second},
		HumanRing:   Dist{2 * time.Second, 7 * time.Second, 25 * time.Second},
		MachineRing: Dist{10 * time.Second, 12 * time.Second, 25 * time.Second},
		Talk:        Dist{4 * time.Second, 30 * time.Second, 3 * time.Minute},
		Impatience:  Dist{200 * time.Millisecond, 600 * time.Millisecond, 1500 * time.Millisecond},
	}
}

// validate reports every mistake in m.
func (m Mix) validate() error {
	var errs []error
	known := map[Kind]bool{}
	for _, k := range Kinds() {
		known[k] = true
	}
	total := 0.0
	for k, w := range m.Weights {
		if !known[k] {
			errs = append(errs, fmt.Errorf("unknown kind %q", k))
		}
		if !(w >= 0 && w <= 1e9) {
			errs = append(errs, fmt.Errorf("weight of %s is %v, want 0 or more", k, w))
		}
		total += w
	}
	if total <= 0 {
		errs = append(errs, errors.New("no kind has a weight"))
	}
	for name, d := range map[string]Dist{
		"setup": m.Setup, "human_ring": m.HumanRing, "machine_ring": m.MachineRing, "talk": m.Talk, "early_hangup": m.Impatience,
	} {
		if d.Min < 0 || d.Mean < 0 || d.Max < 0 || d.Max > 0 && d.Max < d.Min {
			errs = append(errs, fmt.Errorf("%s: negative, or max below min", name))
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("carrier: mix: %w", errors.Join(errs...))
	}
	return nil
}

// choose draws one call's behaviour.
func (m Mix) choose(r *rand.Rand) Behaviour {
	total := 0.0
	for _, k := range Kinds() {
		total += m.Weights[k]
	}
	at, kind := r.Float64()*total, Human
	for _, k := range Kinds() { // in fixed order, so that a seed gives the same calls
		if at -= m.Weights[k]; at < 0 && m.Weights[k] > 0 {
			kind = k
			break
		}
	}
	b := Behaviour{Kind: kind, Setup: m.Setup.sample(r), Early: m.Early}
	switch kind {
	case Human:
		b.Ring, b.Talk = m.HumanRing.sample(r), m.Talk.sample(r)
	case EarlyHangup:
		b.Ring, b.Talk = m.HumanRing.sample(r), m.Impatience.sample(r)
	case Machine:
		b.Ring, b.Talk = m.MachineRing.sample(r), machineStay
	case Unavailable:
		b.Ring = m.HumanRing.sample(r)
	}
	return b
}

const (
	machineStay  = 42 * time.Second // greeting and beep, then 30 s of listening
	noAnswerRing = 3 * time.Minute
)

// LastTwoDigits is a Route for tests in which the last two digits of the number choose:
//
//	00-49  human, rings tens*0.5 s, talks units+1 s        80-84  unallocated 404
//	50-59  machine, answers at once                        85-89  congestion 503
//	60-69  busy 486                                        90-94  human who hangs up units*50 ms after the answer
//	70-74  rings until CANCEL                              95-96  human behind audible ringback of 1 s, talks 5 s
//	75-79  rings 1 s, then 480                             97     incomplete 484
//	                                                       98     rejected 603
//	                                                       99     no SIP answer
func LastTwoDigits(number string) (Behaviour, bool) {
	n := len(number)
	if n < 2 || number[n-1] < '0' || number[n-1] > '9' || number[n-2] < '0' || number[n-2] > '9' {
		return Behaviour{}, false
	}
	tens, units := time.Duration(number[n-2]-'0'), time.Duration(number[n-1]-'0')
	switch v := int(10*tens + units); {
	case v < 50:
		return Behaviour{Kind: Human, Ring: tens * 500 * time.Millisecond, Talk: (units + 1) * time.Second}, true
	case v < 60:
		return Behaviour{Kind: Machine, Talk: machineStay}, true
	case v < 70:
		return Behaviour{Kind: Busy}, true
	case v < 75:
		return Behaviour{Kind: NoAnswer}, true
	case v < 80:
		return Behaviour{Kind: Unavailable, Ring: time.Second}, true
	case v < 85:
		return Behaviour{Kind: Unallocated}, true
	case v < 90:
		return Behaviour{Kind: Congestion}, true
	case v < 95:
		return Behaviour{Kind: EarlyHangup, Talk: max(units*50*time.Millisecond, time.Millisecond)}, true
	case v < 97:
		return Behaviour{Kind: Human, Ring: time.Second, Talk: 5 * time.Second, Early: true}, true
	case v == 97:
		return Behaviour{Kind: Unallocated, Status: 484}, true
	case v == 98:
		return Behaviour{Kind: Rejected}, true
	}
	return Behaviour{Kind: Silent}, true
}

// CustomerTone is the tone of the n-th human of a carrier with Options.Tones: 400 to 2000 Hz in steps of 40.
func CustomerTone(n int) float64 { return float64(400 + 40*(n%41)) }

// AgentTone is a tone for the n-th phone that no customer has: 2120 to 3400 Hz in steps of 40.
func AgentTone(n int) float64 { return float64(2120 + 40*(n%33)) }
