package quality

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// leastAgents is how many others a mean must be of before an agent is shown it: with fewer it would tell him a colleague's score.
const leastAgents = 3

// Week is how scores stood in one week of calls.
type Week struct {
	Week     time.Time `json:"week" doc:"its Monday, 00:00 UTC"`
	N        int64     `json:"n" doc:"evaluations"`
	Mean     *float64  `json:"mean" doc:"per cent; null: there are none"`
	Half     *float64  `json:"half" doc:"half of the 95 % confidence interval of the mean (Student); null below two evaluations"`
	TeamN    int64     `json:"team_n" doc:"evaluations of those whom the agent is compared with"`
	TeamMean *float64  `json:"team_mean" doc:"null: there are none, or too few agents for one of them to read it"`
	TeamHalf *float64  `json:"team_half"`
}

// Trend is an agent's scores by week against his team's.
type Trend struct {
	AgentID uuid.UUID `json:"agent_id" doc:"zero: all of the scope together"`
	Against string    `json:"against" enum:"team,all" doc:"team: the other members of his teams; all: all other agents, where he is in no team"`
	Weeks   []Week    `json:"weeks" nullable:"false" doc:"oldest first, without gaps"`
	N       int64     `json:"n"`
	Mean    *float64  `json:"mean" doc:"over all weeks"`
}

// TrendOf returns the last so many weeks of calls, the one that at is in among them. f.From and f.To are not looked at. own: the agent
// himself reads it.
func (s *Store) TrendOf(ctx context.Context, f Span, weeks int, own bool) (Trend, error) {
	last := WeekOf(s.now())
	f.From, f.To = last.AddDate(0, 0, -7*(weeks-1)), last.AddDate(0, 0, 7)
	t := Trend{AgentID: f.Agent, Against: "all", Weeks: make([]Week, weeks)}
	for i := range t.Weeks {
		t.Weeks[i].Week = f.From.AddDate(0, 0, 7*i)
	}
	sum := 0.0
	err := s.eachWeek(ctx, f, func(at int, n, _ int64, mean, sd float64) {
		w := &t.Weeks[at]
		w.N, w.Mean, w.Half = n, rounded(mean), halfOf(n, sd)
		t.N += n
		sum += mean * float64(n)
	})
	if err != nil || f.Agent == uuid.Nil {
		t.mean(sum)
		return t, err
	}
	t.mean(sum)
	others, err := s.others(ctx, f.Agent)
	if err != nil {
		return t, err
	}
	if others != nil {
		t.Against = "team"
	}
	against := f
	against.Agent, against.Team, against.Scope = uuid.Nil, uuid.Nil, Everyone()
	if others != nil {
		against.Scope = Scope{agents: others}
	}
	err = s.eachWeekBut(ctx, against, f.Agent, func(at int, n, agents int64, mean, sd float64) {
		if own && agents < leastAgents {
			return
		}
		w := &t.Weeks[at]
		w.TeamN, w.TeamMean, w.TeamHalf = n, rounded(mean), halfOf(n, sd)
	})
	return t, err
}

func (t *Trend) mean(sum float64) {
	if t.N > 0 {
		t.Mean = rounded(sum / float64(t.N))
	}
}

func rounded(x float64) *float64 {
	x = round2(x)
	return &x
}

func halfOf(n int64, sd float64) *float64 {
	if h, ok := Half(int(n), sd); ok {
		return rounded(h)
	}
	return nil
}

// others are the members of an agent's teams; nil: he is in none.
func (s *Store) others(ctx context.Context, agent uuid.UUID) ([]uuid.UUID, error) {
	scope, err := s.ScopeOf(ctx, agent)
	return scope.Agents(), err
}

func (s *Store) eachWeek(ctx context.Context, f Span, do func(at int, n, agents int64, mean, sd float64)) error {
	return s.eachWeekBut(ctx, f, uuid.Nil, do)
}

// eachWeekBut sums evaluations by the week of their call, those of one agent left out.
func (s *Store) eachWeekBut(ctx context.Context, f Span, but uuid.UUID, do func(at int, n, agents int64, mean, sd float64)) error {
	rows, err := s.pool.Query(ctx, `SELECT floor(extract(epoch FROM e.called_at - $1::timestamptz) / 604800)::int, count(*), count(DISTINCT e.agent_id), avg(e.score_now), coalesce(stddev_samp(e.score_now), 0)
		FROM evaluations e WHERE`+spanSQL+`AND e.agent_id <> $8 GROUP BY 1`, append(f.args(), but)...)
	if err != nil {
		return fmt.Errorf("trend of scores: %w", err)
	}
	var at int
	var n, agents int64
	var mean, sd float64
	if _, err := pgx.ForEachRow(rows, []any{&at, &n, &agents, &mean, &sd}, func() error {
		do(at, n, agents, mean, sd)
		return nil
	}); err != nil {
		return fmt.Errorf("trend of scores: %w", err)
	}
	return nil
}
