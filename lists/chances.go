package lists

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// allCampaigns is the id under which the model of all campaigns together is kept.
var allCampaigns uuid.UUID

// chanceLife is how long a process scores with a model before it looks whether another process has learned more.
const chanceLife = time.Minute

// chances are the models that this process scores with. A model in here is never changed any more.
type chances struct {
	clock func() time.Time

	mu sync.Mutex
	of map[uuid.UUID]scorer // guarded by mu
}

type scorer struct {
	model *chance.Model
	read  time.Time
}

func (c *chances) set(campaign uuid.UUID, m *chance.Model) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[uuid.UUID]scorer{}
	}
	c.of[campaign] = scorer{m, c.clock()}
}

func (c *chances) get(campaign uuid.UUID) *chance.Model {
	c.mu.Lock()
	defer c.mu.Unlock()
	had, ok := c.of[campaign]
	if age := c.clock().Sub(had.read); !ok || age < 0 || age > chanceLife {
		return nil
	}
	return had.model
}

// queue asks for the campaign's model with the batch when this process has none that is young enough. The result is to be
// called when the batch is done.
func (c *chances) queue(b *pgx.Batch, campaign uuid.UUID) func() *chance.Model {
	if m := c.get(campaign); m != nil {
		return func() *chance.Model { return m }
	}
	var own, all []byte
	b.Queue(`SELECT campaign_id, model FROM chance_models WHERE campaign_id = ANY ($1)`, []uuid.UUID{campaign, allCampaigns}).Query(
		func(rows pgx.Rows) error {
			var id uuid.UUID
			var model []byte
			_, err := pgx.ForEachRow(rows, []any{&id, &model}, func() error {
				if id == allCampaigns {
					all = model
				} else {
					own = model
				}
				model = nil
				return nil
			})
			return err
		})
	return func() *chance.Model {
		m := readModel(own, readModel(all, nil))
		c.set(campaign, m)
		return m
	}
}

// readModel returns the model of a snapshot. Where there is none, or one of an older program, it is a child of the model of
// all campaigns; without that one a new model. The history before it is not lost: it is in the numbers' pasts.
func readModel(snapshot []byte, all *chance.Model) *chance.Model {
	if snapshot != nil {
		if m, err := chance.Restore(snapshot); err == nil {
			return m
		}
	}
	if all != nil {
		return all.Child()
	}
	return chance.New(chance.DefaultBase)
}

// parsePast reads what LearnChances wrote; what cannot be read counts as no past, for the call is no worse for it.
func parsePast(b []byte) chance.Past {
	p, err := chance.ParsePast(b)
	if err != nil {
		return chance.Past{}
	}
	return p
}

// hourAt returns the hour of the week at a callee. Of several candidate zones it is the middle one.
func hourAt(now time.Time, zones []string) int {
	var room [8]time.Time
	locals := room[:0]
	for _, z := range zones {
		if l := compliance.Location(z); l != nil {
			locals = append(locals, now.In(l))
		}
	}
	switch len(locals) {
	case 0:
		return chance.NoHour
	case 1:
		return chance.HourOfWeek(locals[0])
	}
	slices.SortFunc(locals, func(a, b time.Time) int {
		_, x := a.Zone()
		_, y := b.Zone()
		return x - y
	})
	return chance.HourOfWeek(locals[len(locals)/2])
}

// result is what the next attempt's chance learns of an outcome. Failures of trunk and switch, and calls that we withdrew,
// are no no-answers.
func (o Outcome) result() chance.Result {
	switch o {
	case Connected, Abandoned, EarlyHangup:
		return chance.Live
	case MachineFound:
		return chance.Machine
	case Busy:
		return chance.Busy
	case NoAnswer:
		return chance.NoAnswer
	case InvalidNumber:
		return chance.Invalid
	case Rejected:
		return chance.Rejected
	case TrunkFailed:
		return chance.Failed
	}
	return chance.Nothing
}

// ChanceReport says how good the chances of a campaign's claims have been. Zero before anything was learned.
type ChanceReport struct {
	Learned   int64         `json:"learned" doc:"attempts that taught the model"`
	Base      float64       `json:"base" doc:"share of attempts that a person answers, of late"`
	All       chance.Report `json:"all" doc:"since the campaign's first attempt"`
	Recent    chance.Report `json:"recent" doc:"of about the last 5,000 attempts"`
	Dialled   chance.Report `json:"dialled" doc:"of the chances that the attempts' permits were given with: the last 20,000 attempts of 30 days that say something of a person"`
	UpdatedAt time.Time     `json:"updated_at"`
}

const (
	dialledMost = 20_000 // attempts whose chances are held against what came
	dialledDays = 30
)

// dialled reports on the chances that are kept with the attempts of a campaign.
func (s *Store) dialled(ctx context.Context, campaign uuid.UUID) (r ChanceReport, err error) {
	rows, err := s.pool.Query(ctx, `SELECT chance, outcome FROM attempts WHERE campaign_id = $1 AND permit_at > $2 AND chance IS NOT NULL
		ORDER BY permit_at DESC LIMIT $3`, campaign, s.local().AddDate(0, 0, -dialledDays), dialledMost)
	if err != nil {
		return r, err
	}
	var given float32
	var outcome Outcome
	var judge chance.Judge
	_, err = pgx.ForEachRow(rows, []any{&given, &outcome}, func() error {
		if result := outcome.result(); result.Teaches() {
			judge.Add(float64(given), result == chance.Live)
		}
		return nil
	})
	r.Dialled = judge.Report()
	return r, err
}

// ChanceReport returns the reliability of a campaign's chances, of all campaigns together for the id of zeros.
func (s *Store) ChanceReport(ctx context.Context, campaign uuid.UUID) (ChanceReport, error) {
	var model []byte
	r, err := s.dialled(ctx, campaign)
	if err != nil {
		return ChanceReport{}, fmt.Errorf("chances of campaign %s: %w", campaign, err)
	}
	err = s.pool.QueryRow(ctx, `SELECT model, updated_at FROM chance_models WHERE campaign_id = $1`, campaign).Scan(&model, &r.UpdatedAt)
	if noRows(err) || err == nil && model == nil {
		return r, nil
	}
	if err != nil {
		return ChanceReport{}, fmt.Errorf("chances of campaign %s: %w", campaign, err)
	}
	m, err := chance.Restore(model)
	if err != nil {
		return ChanceReport{}, fmt.Errorf("chances of campaign %s: %w", campaign, err)
	}
	r.Learned, r.Base, r.All, r.Recent = m.Learned(), m.Base(), m.Report(), m.Recent()
	return r, nil
}
