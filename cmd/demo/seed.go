package demo

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

//go:embed script.json
var scriptBody []byte

const (
	robots       = 10
	listName     = "Blue Harbor prospects"
	campaignName = "Blue Harbor: lower bills"
	trunkName    = "Simulated carrier"
	callerID     = "+12065550199"
)

// person is an account of the demo. The passwords stand in the README: these accounts exist in the demo's own database only.
type person struct {
	login, name string
	role        api.Role
	phone       int  // number of his phone on the stage, 0: none
	browser     bool // his phone is the one in his page
}

func (p person) password() string { return "demo-" + p.login }

// People at a screen, then robots. Phones 1 to robots belong to the robots.
var (
	admin      = person{login: "ada", name: "Ada Admin", role: api.Admin}
	supervisor = person{login: "sofia", name: "Sofia Sommer", role: api.Supervisor, phone: robots + 1}
	manager    = person{login: "marc", name: "Marc Lister 李名单", role: api.ListManager}
	lena       = person{login: "lena", name: "Lena Park", role: api.Agent, browser: true}
)

var robotNames = [robots]string{"Amir Robot", "Bea Robot", "Chen Robot 陈", "Dora Robot", "Emil Robot", "Fang Robot 方", "Gina Robot",
	"Hans Robot", "Ines Robot", "Jun Robot 军"}

func robotPerson(n int) person {
	return person{login: fmt.Sprintf("robot%d", n), name: robotNames[n-1], role: api.Agent, phone: n}
}

// bootstrap makes the first account as `dialtide user add` does, unless it is there.
func bootstrap(ctx context.Context, database string) error {
	pool, err := pgxpool.New(ctx, database)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	var there bool
	if err := pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM users WHERE login = $1)`, admin.login).Scan(&there); err != nil || there {
		return err
	}
	_, err = api.CreateUser(ctx, pool, api.NewUser{Login: admin.login, Name: admin.name, Password: admin.password(), Role: admin.role})
	return err
}

// seed makes accounts, trunk, list, script and campaign through the API, whatever of them is missing, and returns the
// campaign. say is told what takes a while.
func seed(ctx context.Context, c *client.Client, say func(string)) (lists.Campaign, error) {
	if err := seedPeople(ctx, c, say); err != nil {
		return lists.Campaign{}, fmt.Errorf("accounts: %w", err)
	}
	campaigns, err := c.Campaigns(ctx)
	if err != nil {
		return lists.Campaign{}, err
	}
	for _, item := range campaigns {
		if item.Name == campaignName {
			return c.Campaign(ctx, item.ID)
		}
	}
	trunk, err := seedTrunk(ctx, c)
	if err != nil {
		return lists.Campaign{}, fmt.Errorf("trunk: %w", err)
	}
	list, err := seedList(ctx, c, say)
	if err != nil {
		return lists.Campaign{}, fmt.Errorf("list: %w", err)
	}
	script, err := c.CreateScript(ctx, uuid.Nil, "Lower bills", scriptBody)
	if err != nil {
		return lists.Campaign{}, fmt.Errorf("script: %w", err)
	}
	return c.CreateCampaign(ctx, api.CampaignDraft{Name: campaignName, TrunkID: trunk, ListIDs: []uuid.UUID{list},
		Settings: settings(script)})
}

// settings are those of the demo: the simulated people may be called around the clock, so that the demo runs at any hour. Under the
// packs of the list's country it would stand still for most of the day, and for ever without a copy of the national registry.
func settings(script lists.Script) lists.Settings {
	s := lists.DefaultSettings()
	s.Packs, s.NoPacks = []string{}, true
	s.Mode = "predictive"
	s.CallerID = callerID
	s.Hours = compliance.Always()
	s.RingTimeout = 22
	s.ScriptID, s.ScriptVersion = script.ID, script.Version
	s.Record, s.AMD = true, lists.AMDBeside
	s.WrapUp = 45
	s.Recycle[lists.Busy] = lists.Recycle{After: 120, Limit: 4}
	s.Recycle[lists.NoAnswer] = lists.Recycle{After: 600, Limit: 4}
	return s
}

func seedPeople(ctx context.Context, c *client.Client, say func(string)) error {
	users, err := c.Users(ctx)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, u := range users {
		there[u.Login] = true
	}
	all := []person{supervisor, manager, lena}
	for n := range robots {
		all = append(all, robotPerson(n+1))
	}
	for _, p := range all {
		if there[p.login] {
			continue
		}
		say("account " + p.login)
		u := api.NewUser{Login: p.login, Name: p.name, Password: p.password(), Role: p.role}
		if p.browser {
			u.PhoneKind = api.PhoneWebRTC
		}
		if p.phone > 0 {
			u.Endpoint = PhoneName(p.phone)
		}
		if _, err := c.CreateUser(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

func seedTrunk(ctx context.Context, c *client.Client) (uuid.UUID, error) {
	trunks, err := c.Trunks(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	for _, t := range trunks {
		if t.Name == trunkName {
			return t.ID, nil
		}
	}
	t, err := c.CreateTrunk(ctx, lists.Trunk{Name: trunkName, Endpoint: "carrier", MaxChannels: 60, CPS: 10})
	return t.ID, err
}

func seedList(ctx context.Context, c *client.Client, say func(string)) (uuid.UUID, error) {
	all, err := c.Lists(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	for _, l := range all {
		if l.Name == listName {
			return l.ID, nil
		}
	}
	l, err := c.CreateList(ctx, listName, "US")
	if err != nil {
		return uuid.Nil, err
	}
	var file bytes.Buffer
	if err := writeContacts(&file, 1); err != nil {
		return uuid.Nil, err
	}
	started, err := c.Import(ctx, l.ID, "prospects.csv", &file)
	if err != nil {
		return uuid.Nil, err
	}
	done, err := c.WaitImport(ctx, started.ID, func(i lists.Import) {
		say(fmt.Sprintf("list: %d rows read, %d accepted, %d rejected", i.RowsRead, i.Accepted, i.Rejected))
	})
	if err != nil {
		return uuid.Nil, err
	}
	if done.Error != "" {
		return uuid.Nil, fmt.Errorf("load %s: %s", done.FileName, done.Error)
	}
	return l.ID, nil
}

// Script is the demo's script document, which tests use too.
func Script() []byte { return scriptBody }
