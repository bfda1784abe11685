package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
)

// Bounds of a PacingHistory.
const (
	HistoryAttempts = 500_000 // newest attempts that are counted
	HistorySamples  = 5000    // newest calls whose durations are returned one by one
	HistoryRing     = 120     // seconds of ringing told apart; what is longer is in the last place
)

// PacingHistory is what a campaign's history tells of the calls to come: where an engine starts from after a restart, and
// what a scenario for the simulator is fitted to.
type PacingHistory struct {
	Since time.Time // of the oldest attempt that is counted; zero: there is none
	Until time.Time // now

	// Hours counts attempts by the hour of the week in which they were permitted, in the location that was asked for;
	// Monday 0:00 is the first.
	Hours [chance.Hours]HourCount
	// Ring counts, by whole seconds from the permit, the attempts that were picked up, by a person or a machine; RingOut
	// those that nobody answered, by the seconds until they were given up.
	Ring, RingOut [HistoryRing + 1]int
	// Newest first: Talk is from the bridge to the end, WrapUp from there to the disposition (0 when the agent was faster),
	// Connect from the answer to the bridge, Patience from the answer until a callee hung up before an agent was due.
	Talk, WrapUp, Connect, Patience []time.Duration
	// Agents is the time that agents were signed in, by hour of the week, pauses included.
	Agents [chance.Hours]time.Duration
}

// HourCount counts attempts of one hour of the week.
type HourCount struct {
	Attempts  int // those that say something of the callee: failures of trunk and switch do not count
	Live      int // answered by a person
	Machines  int // answering machines
	Abandoned int // of Live
	Failed    int // trunk, switch and unknown fates; not in Attempts
}

// Answer returns the share of attempts that a person answered; 0 without attempts.
func (h *PacingHistory) Answer() float64 {
	n, live := 0, 0
	for _, c := range h.Hours {
		n, live = n+c.Attempts, live+c.Live
	}
	if n == 0 {
		return 0
	}
	return float64(live) / float64(n)
}

// HourRates returns the share by hour of the week, each drawn towards the overall share as if weight attempts with that
// share were among its own; 0 for hours without attempts.
func (h *PacingHistory) HourRates(weight float64) (rates [chance.Hours]float64) {
	all := h.Answer()
	for i, c := range h.Hours {
		if c.Attempts > 0 {
			rates[i] = (float64(c.Live) + weight*all) / (float64(c.Attempts) + weight)
		}
	}
	return rates
}

// Mean returns the mean of durations, 0 of none.
func Mean(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	sum := 0.0
	for _, x := range d {
		sum += float64(x)
	}
	return time.Duration(sum / float64(len(d)))
}

// MeanRing returns the mean time until a call is picked up, 0 when none was.
func (h *PacingHistory) MeanRing() time.Duration {
	n, sum := 0, 0.0
	for s, c := range h.Ring {
		n, sum = n+c, sum+float64(c)*(float64(s)+0.5)
	}
	if n == 0 {
		return 0
	}
	return time.Duration(sum / float64(n) * float64(time.Second))
}

// newest is the part of the history that is looked at; each query goes along the index of campaign and time.
const newest = ` FROM (SELECT * FROM attempts WHERE campaign_id = $1 AND permit_at >= $2 ORDER BY permit_at DESC LIMIT $3) a `

// PacingHistory sums up the attempts of a campaign permitted since then, the newest 500,000 at most. Hours are those of the
// location, nil: UTC. A campaign without history gives an empty one.
func (s *Store) PacingHistory(ctx context.Context, campaign uuid.UUID, since time.Time, in *time.Location) (PacingHistory, error) {
	if in == nil {
		in = time.UTC
	}
	h := PacingHistory{}
	b := &pgx.Batch{}
	b.Queue(`SELECT coalesce($1::timestamptz, now())`, s.at()).QueryRow(func(row pgx.Row) error { return row.Scan(&h.Until) })
	// Whole hours of most zones are whole hours of UTC too; those of the others are made of quarters.
	step := time.Hour
	if _, offset := s.local().In(in).Zone(); offset%3600 != 0 {
		step = 15 * time.Minute
	}
	b.Queue(`SELECT date_bin($4, a.permit_at, 'epoch'), a.outcome, count(*), min(a.permit_at)`+newest+`GROUP BY 1, 2`,
		campaign, since, HistoryAttempts, step).Query(func(rows pgx.Rows) error { return h.readHours(rows, in) })
	b.Queue(`SELECT a.answered_at IS NOT NULL, least(greatest(floor(extract(epoch FROM coalesce(a.answered_at, a.ended_at) - a.permit_at)), 0),
		$4)::int, count(*)`+newest+`WHERE a.answered_at IS NOT NULL OR a.outcome = 'no_answer' GROUP BY 1, 2`,
		campaign, since, HistoryAttempts, HistoryRing).Query(h.readRings)
	b.Queue(`SELECT a.outcome, a.answered_at, a.bridged_at, a.ended_at, (SELECT d.at FROM dispositions d WHERE d.attempt_id = a.id)
		FROM (SELECT * FROM attempts WHERE campaign_id = $1 AND permit_at >= $2 AND outcome IN ('connected', 'early_hangup')
			ORDER BY permit_at DESC LIMIT $3) a`, campaign, since, HistorySamples).Query(h.readSamples)
	b.Queue(`SELECT greatest(started_at, $2), least(coalesce(ended_at, 'infinity'), coalesce($3::timestamptz, now())) FROM agent_sessions
		WHERE campaign_id = $1 AND coalesce(ended_at, 'infinity') > $2`, campaign, since, s.at()).Query(
		func(rows pgx.Rows) error { return h.readAgents(rows, in) })
	if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
		return PacingHistory{}, fmt.Errorf("pacing history of campaign %s: %w", campaign, err)
	}
	h.Since, h.Until = h.Since.UTC(), h.Until.UTC()
	return h, nil
}

func (h *PacingHistory) readHours(rows pgx.Rows, in *time.Location) error {
	var at, first time.Time
	var outcome Outcome
	var n int
	_, err := pgx.ForEachRow(rows, []any{&at, &outcome, &n, &first}, func() error {
		if h.Since.IsZero() || first.Before(h.Since) {
			h.Since = first
		}
		h.Hours[chance.HourOfWeek(at.In(in))].add(outcome, n)
		return nil
	})
	return err
}

func (c *HourCount) add(o Outcome, n int) {
	switch {
	case o.result().Teaches():
		c.Attempts += n
	case o == TrunkFailed || o == SwitchLost || o == Unknown:
		c.Failed += n
	}
	switch {
	case o.Live():
		c.Live += n
	case o == MachineFound:
		c.Machines += n
	}
	if o == Abandoned {
		c.Abandoned += n
	}
}

func (h *PacingHistory) readRings(rows pgx.Rows) error {
	var answered bool
	var second, n int
	_, err := pgx.ForEachRow(rows, []any{&answered, &second, &n}, func() error {
		if answered {
			h.Ring[second] += n
		} else {
			h.RingOut[second] += n
		}
		return nil
	})
	return err
}

func (h *PacingHistory) readSamples(rows pgx.Rows) error {
	var outcome Outcome
	var answered, bridged, disposed *time.Time
	var ended time.Time
	_, err := pgx.ForEachRow(rows, []any{&outcome, &answered, &bridged, &ended, &disposed}, func() error {
		switch {
		case outcome == EarlyHangup && answered != nil:
			h.Patience = append(h.Patience, between(*answered, ended))
		case outcome == Connected && bridged != nil:
			h.Talk = append(h.Talk, between(*bridged, ended))
			if answered != nil {
				h.Connect = append(h.Connect, between(*answered, *bridged))
			}
			if disposed != nil {
				h.WrapUp = append(h.WrapUp, between(ended, *disposed))
			}
		}
		answered, bridged, disposed = nil, nil, nil
		return nil
	})
	return err
}

func between(from, to time.Time) time.Duration { return max(0, to.Sub(from)) }

// readAgents spreads each session over the hours that it touches.
func (h *PacingHistory) readAgents(rows pgx.Rows, in *time.Location) error {
	var from, to time.Time
	_, err := pgx.ForEachRow(rows, []any{&from, &to}, func() error {
		const quarter = 15 * time.Minute
		for at := from; at.Before(to); {
			next := at.Truncate(quarter).Add(quarter)
			if next.After(to) {
				next = to
			}
			h.Agents[chance.HourOfWeek(at.In(in))] += next.Sub(at)
			at = next
		}
		return nil
	})
	return err
}
