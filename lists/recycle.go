package lists

import "time"

// MaxTrunkFailures is how often in a row a contact's calls may fail at the trunk. trunk_failed uses up no attempts, so this
// is what ends a contact that the carrier never takes: with the doubled pauses it is given up after four hours at the
// earliest. An outcome that counts begins the row anew.
const MaxTrunkFailures = 10

const (
	trunkAgain    = time.Minute // after the first trunk_failed in a row; doubled with each further one
	trunkLongest  = time.Hour   // the longest pause
	reasonDNC     = "dnc"
	reasonRetry   = "retry"
	triesOfRetry  = "retry" // counted like an outcome
	stateWaiting  = "waiting"
	stateInFlight = "in_flight"
	stateFinished = "finished"
	stateExcluded = "excluded"
)

// standing is what a campaign knows of a contact while an attempt is open, and afterwards.
type standing struct {
	Attempts int
	Tries    map[string]int
	Callback bool    // an open callback exists
	Phone    int16   // position of the number that comes next: 0 is the contact's first
	Phones   []int16 // positions of further numbers
	Called   int16   // position of the number that the attempt went to

	State  string
	Reason string
	Due    *time.Time
	Done   bool // the open callback was kept
}

// suppression says whether the number went on a do-not-call list during the attempt.
type suppression struct {
	yes   bool
	until *time.Time // with yes; nil: for good
}

// after returns what becomes of a contact when an attempt ends. One whose number was suppressed meanwhile goes on with its other
// numbers, of which the next claim judges, and is excluded when it has none.
func (s Settings) after(o Outcome, now time.Time, was standing, suppressed suppression) standing {
	is := was
	is.Tries = make(map[string]int, len(was.Tries)+1)
	for k, n := range was.Tries {
		is.Tries[k] = n
	}
	is.Tries[string(o)]++
	if o.CountsAsAttempt() {
		is.Attempts++
		delete(is.Tries, string(TrunkFailed)) // the trunk took the call: no row of failures
	}
	if o == Connected && was.Callback {
		is.Done, is.Callback = true, false
	}
	rule, known := s.Recycle[o]
	switch {
	case suppressed.yes && suppressed.until == nil && len(is.Phones) == 0:
		return is.end(stateExcluded, reasonDNC)
	case suppressed.yes && o != Connected && is.Attempts >= s.MaxAttempts:
		return is.end(stateFinished, ReasonAttempts)
	case suppressed.yes && o != Connected && len(is.Phones) > 0:
		is.Phone = is.nextPhone()
		return is.wait(now, ReasonNextNumber)
	case suppressed.yes && o != Connected:
		return is.wait(*suppressed.until, reasonDNC)
	case o == NotPlaced:
		return is.wait(now, string(o))
	case o == TrunkFailed && is.Tries[string(o)] < MaxTrunkFailures:
		return is.wait(now.Add(trunkPause(is.Tries[string(o)])), string(o))
	case o == TrunkFailed:
		return is.end(stateFinished, string(o))
	case o == Connected || !known || is.Tries[string(o)] > rule.Limit:
		return is.end(stateFinished, string(o))
	case is.Attempts >= s.MaxAttempts:
		return is.end(stateFinished, ReasonAttempts)
	}
	if rule.NextPhone {
		is.Phone = is.nextPhone()
	}
	return is.wait(now.Add(rule.After.Duration()), string(o))
}

// nextPhone is the position of the number after the one that was tried; after the last one comes the first again.
func (s standing) nextPhone() int16 {
	for _, pos := range s.Phones { // ascending
		if pos > s.Phone {
			return pos
		}
	}
	return 0
}

// trunkPause is the time until the next attempt after n failures of the trunk in a row.
func trunkPause(n int) time.Duration {
	pause := trunkAgain
	for ; n > 1 && pause < trunkLongest; n-- {
		pause *= 2
	}
	return min(pause, trunkLongest)
}

// disposed returns what becomes of a contact whose attempt has ended, when the agent chose an effect. due is the time of a
// callback.
func (s Settings) disposed(code string, effect Effect, due *time.Time, now time.Time, was standing) standing {
	is := was
	if was.State == stateExcluded && was.Reason == reasonDNC && effect != EffectDNC {
		return is // never called again, whatever else was agreed
	}
	is.Callback = false
	switch effect {
	case EffectDNC:
		return is.end(stateExcluded, reasonDNC)
	case EffectCallback:
		is.Callback = true
		return is.wait(*due, string(EffectCallback))
	case EffectRetry:
		is.Tries = make(map[string]int, len(was.Tries)+1)
		for k, n := range was.Tries {
			is.Tries[k] = n
		}
		is.Tries[triesOfRetry]++
		rule, known := s.Recycle[NoAnswer]
		if known && is.Tries[triesOfRetry] <= rule.Limit && is.Attempts < s.MaxAttempts {
			if is.Phone = is.Called; rule.NextPhone {
				is.Phone = is.nextPhone()
			}
			return is.wait(now.Add(rule.After.Duration()), reasonRetry)
		}
	}
	return is.end(stateFinished, code)
}

func (s standing) wait(due time.Time, reason string) standing {
	s.State, s.Reason, s.Due = stateWaiting, reason, &due
	return s
}

func (s standing) end(state, reason string) standing {
	s.State, s.Reason, s.Due, s.Callback = state, reason, nil, false
	return s
}
