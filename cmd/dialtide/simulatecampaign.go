package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
	"github.com/dialtide/dialtide/pacing/sim"
	"github.com/dialtide/dialtide/pacing/sim/whatif"
)

// whatIfFlags ask about a campaign instead of a scenario.
type whatIfFlags struct {
	Campaign string   `help:"Id or name of a campaign: simulate it after its own record." group:"What if (with --campaign)" placeholder:"ID" env:"-"`
	Database string   `help:"PostgreSQL URL." group:"What if (with --campaign)"`
	Agents   int      `help:"What if so many agents were signed in all day? Default: as on record, by hour." group:"What if (with --campaign)" env:"-"`
	Hours    string   `help:"What if calls were made from … to … o'clock, like 9-17? Default: as on record." group:"What if (with --campaign)" env:"-"`
	Target   *float64 `help:"What if so large a share of the answers might be abandoned, like 0.03? Default: the campaign's." group:"What if (with --campaign)" env:"-"`
	Mode     string   `help:"What if it were paced so: progressive, power or predictive? Default: the campaign's, predictive instead of preview." enum:",progressive,power,predictive" default:"" group:"What if (with --campaign)" env:"-"`
	Most     int      `help:"Most agents in the staffing table. Default: half as many again." group:"What if (with --campaign)" env:"-"`
	Days     int      `help:"How many days back the record is read." default:"90" group:"What if (with --campaign)" env:"-"`
	Zone     string   `help:"Zone of the hours of day, like Europe/Berlin. Default: the campaign's, else this machine's." group:"What if (with --campaign)" env:"-"`
	Scenario string   `help:"Write the fitted scenario to this file, for further simulations." name:"write-scenario" placeholder:"FILE" group:"What if (with --campaign)" env:"-"`
}

func (c *simulateCmd) whatIf(ctx context.Context) error {
	if c.Database == "" {
		return errors.New("--campaign needs --database, the PostgreSQL URL")
	}
	if len(c.Scenarios) > 0 {
		return errors.New("a scenario or a --campaign, not both")
	}
	from, until, err := parseHours(c.Hours)
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, c.Database)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	campaign, fitted, err := c.fit(ctx, lists.New(pool))
	if err != nil {
		return err
	}
	if err := toFile(c.Scenario, func(w io.Writer) error { return sim.Write(w, &fitted.Scenario) }); err != nil {
		return err
	}
	now := campaign.Settings.SimConfig()
	q := whatif.Question{Agents: c.Agents, From: from, Until: until, Most: c.Most, Runs: min(c.Seeds, whatif.MostRuns), Workers: runtime.GOMAXPROCS(0),
		Now: now, Config: now}
	if c.Target != nil {
		q.Config.Target = *c.Target
	}
	switch {
	case c.Mode != "":
		q.Config.Mode = pacing.Mode(c.Mode)
	case now.Mode == pacing.Preview:
		q.Config.Mode = pacing.Predictive
	}
	bar := newSimBar()
	q.Progress = func(done float64) { bar.show(done, campaign.Name) }
	answer, err := whatif.Ask(ctx, fitted, q)
	bar.end()
	var input *whatif.InputError
	if errors.As(err, &input) {
		return fmt.Errorf("--%s %s", input.Field, input.Reason)
	}
	if err != nil {
		return err
	}
	return c.tell(campaign, answer)
}

func (c *simulateCmd) tell(campaign lists.Campaign, answer *whatif.Answer) error {
	fmt.Printf("Campaign %s, %s\n", campaign.Name, campaign.Settings.Mode)
	if err := answer.Text(os.Stdout); err != nil {
		return err
	}
	if err := toFile(c.JSON, func(w io.Writer) error { return asJSON(w, answer) }); err != nil {
		return err
	}
	return toFile(c.HTML, func(w io.Writer) error { return answer.HTML(w, campaign.Name+": what if") })
}

// fit reads the campaign's record. The scenario is to be like tomorrow.
func (c *simulateCmd) fit(ctx context.Context, store *lists.Store) (lists.Campaign, *sim.Fitted, error) {
	campaign, err := findCampaign(ctx, store, c.Campaign)
	if err != nil {
		return campaign, nil, err
	}
	var zone *time.Location
	if c.Zone != "" {
		if zone, err = time.LoadLocation(c.Zone); err != nil {
			return campaign, nil, fmt.Errorf("--zone %q: %w", c.Zone, err)
		}
	} else if campaign.Settings.Zone == "" {
		zone = time.Local
	}
	now := time.Now()
	history, err := store.SimHistory(ctx, campaign.ID, now.AddDate(0, 0, -c.Days), zone)
	if err != nil {
		return campaign, nil, err
	}
	history.Day = now.AddDate(0, 0, 1)
	fitted, err := sim.Fit(history)
	if err != nil {
		return campaign, nil, fmt.Errorf("campaign %s: %w", campaign.Name, err)
	}
	return campaign, fitted, nil
}

func findCampaign(ctx context.Context, store *lists.Store, name string) (lists.Campaign, error) {
	if id, err := uuid.Parse(name); err == nil {
		return store.Campaign(ctx, id)
	}
	all, err := store.Campaigns(ctx)
	if err != nil {
		return lists.Campaign{}, err
	}
	names := make([]string, 0, len(all))
	for _, k := range all {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return lists.Campaign{}, fmt.Errorf("no campaign %q; there are: %s", name, strings.Join(names, ", "))
}

// parseHours reads 9-17; nothing is as on record.
func parseHours(s string) (from, until int, err error) {
	if s == "" {
		return 0, 0, nil
	}
	a, b, ok := strings.Cut(s, "-")
	from, err1 := strconv.Atoi(strings.TrimSpace(a))
	until, err2 := strconv.Atoi(strings.TrimSpace(b))
	if !ok || err1 != nil || err2 != nil || from < 0 || until > 24 || from >= until {
		return 0, 0, fmt.Errorf("--hours %q is not two hours between 0 and 24, like 9-17", s)
	}
	return from, until, nil
}
