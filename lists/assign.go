package lists

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Team is some agents under one name.
type Team struct {
	ID      uuid.UUID   `json:"id"`
	Name    string      `json:"name"`
	Members []uuid.UUID `json:"members" doc:"ids of users"`
}

// Assignment gives a list of a campaign to some agents. Its contacts are dialled one for each of them who is logged in and not
// busy with the list already, and their calls go to these agents first; another agent gets one only when all of them became
// busy while it rang, as with a callback that was promised to one agent.
type Assignment struct {
	Campaign  uuid.UUID   `json:"campaign_id"`
	List      uuid.UUID   `json:"list_id"`
	Agents    []uuid.UUID `json:"agents" doc:"ids of users"`
	Teams     []uuid.UUID `json:"teams" doc:"their members, as they are at the time of a call"`
	State     string      `json:"state" enum:"open,paused" doc:"paused: nobody calls the list in this campaign"`
	CreatedAt time.Time   `json:"created_at"`
}

// States of an Assignment.
const (
	AssignmentOpen   = "open"
	AssignmentPaused = "paused"
)

const assignedMost = 500 // agents, and teams, of one assignment or team

// Teams returns all teams by name.
func (s *Store) Teams(ctx context.Context) ([]Team, error) {
	rows, err := s.pool.Query(ctx, `SELECT t.id, t.name, ARRAY(SELECT user_id FROM team_members m WHERE m.team_id = t.id ORDER BY user_id) FROM teams t ORDER BY t.name`)
	if err != nil {
		return nil, fmt.Errorf("teams: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Team])
	if err != nil {
		return nil, fmt.Errorf("teams: %w", err)
	}
	return out, nil
}

// PutTeam makes a team, or gives one that has an id its name and members. Errors: *InputError (name, members), ErrExists,
// ErrNotFound.
func (s *Store) PutTeam(ctx context.Context, t Team) (Team, error) {
	if t.Name = CleanText(t.Name, 1000); t.Name == "" || utf8.RuneCountInString(t.Name) > 80 {
		return Team{}, &InputError{"name", "must be 1 to 80 characters"}
	}
	if len(t.Members) > assignedMost {
		return Team{}, &InputError{"members", fmt.Sprintf("at most %d", assignedMost)}
	}
	slices.SortFunc(t.Members, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	t.Members = slices.Compact(t.Members)
	fresh := t.ID == uuid.Nil
	if fresh {
		t.ID = newID()
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		sql := `UPDATE teams SET name = $2 WHERE id = $1`
		if fresh {
			sql = `INSERT INTO teams (id, name) VALUES ($1, $2)`
		}
		tag, err := tx.Exec(ctx, sql, t.ID, t.Name)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		b := &pgx.Batch{}
		b.Queue(`DELETE FROM team_members WHERE team_id = $1 AND user_id <> ALL ($2)`, t.ID, t.Members)
		b.Queue(`INSERT INTO team_members (team_id, user_id) SELECT $1, * FROM unnest($2::uuid[]) ON CONFLICT DO NOTHING`, t.ID, t.Members)
		return tx.SendBatch(ctx, b).Close()
	})
	switch violated(err) {
	case "teams_name_key":
		err = ErrExists
	case "team_members_user_id_fkey":
		err = &InputError{"members", "one of them is no user"}
	}
	if err != nil {
		return Team{}, fmt.Errorf("team: %w", err)
	}
	return t, nil
}

// DeleteTeam deletes a team that no assignment names, or returns ErrNotFound.
func (s *Store) DeleteTeam(ctx context.Context, id uuid.UUID) error {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var used bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM assignments WHERE $1 = ANY (teams)) OR EXISTS (SELECT FROM segment_assignments WHERE $1 = ANY (teams))`, id).Scan(&used); err != nil {
			return err
		}
		if used {
			return &InputError{"id", "lists or segments are assigned to this team: assign them to others first"}
		}
		tag, err := tx.Exec(ctx, `DELETE FROM teams WHERE id = $1`, id)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("delete team %s: %w", id, err)
	}
	return nil
}

// Assign gives a list of a campaign to agents and teams, in the place of those who had it. Errors: *InputError (list_id,
// agents, teams, state), ErrNotFound.
func (s *Store) Assign(ctx context.Context, a Assignment, by *uuid.UUID) (Assignment, error) {
	if err := a.check(); err != nil {
		return Assignment{}, err
	}
	a.Agents, a.Teams = append([]uuid.UUID{}, a.Agents...), append([]uuid.UUID{}, a.Teams...)
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, a.Campaign); err != nil {
			return err
		}
		if err := a.known(ctx, tx, a.Campaign); err != nil {
			return err
		}
		var list bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM campaign_lists WHERE campaign_id = $1 AND list_id = $2)`, a.Campaign, a.List).Scan(&list); err != nil {
			return err
		}
		if !list {
			return &InputError{"list_id", "the campaign does not have this list"}
		}
		return tx.QueryRow(ctx, `INSERT INTO assignments AS x (campaign_id, list_id, agents, teams, state, created_by) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (campaign_id, list_id) DO UPDATE SET agents = excluded.agents, teams = excluded.teams, state = excluded.state
			RETURNING created_at`, a.Campaign, a.List, a.Agents, a.Teams, a.State, by).Scan(&a.CreatedAt)
	})
	if err != nil {
		return Assignment{}, fmt.Errorf("assign list %s: %w", a.List, err)
	}
	return a, nil
}

func (a *Assignment) check() error {
	switch {
	case len(a.Agents)+len(a.Teams) == 0:
		return &InputError{"agents", "name an agent or a team"}
	case len(a.Agents) > assignedMost || len(a.Teams) > assignedMost:
		return &InputError{"agents", fmt.Sprintf("at most %d", assignedMost)}
	case a.State != AssignmentOpen && a.State != AssignmentPaused:
		return &InputError{"state", "must be open or paused"}
	}
	return nil
}

// known checks that the campaign, the agents and the teams are there.
func (a *Assignment) known(ctx context.Context, tx pgx.Tx, campaign uuid.UUID) error {
	var there, agents, teams bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM campaigns WHERE id = $1),
		NOT EXISTS (SELECT FROM unnest($2::uuid[]) AS i(id) WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = i.id)),
		NOT EXISTS (SELECT FROM unnest($3::uuid[]) AS i(id) WHERE NOT EXISTS (SELECT FROM teams t WHERE t.id = i.id))`,
		campaign, scope(a.Agents), scope(a.Teams)).Scan(&there, &agents, &teams)
	switch {
	case err != nil:
		return err
	case !there:
		return ErrNotFound
	case !agents:
		return &InputError{"agents", "one of them is no user"}
	case !teams:
		return &InputError{"teams", "one of them is no team"}
	}
	return nil
}

// Unassign lets every agent of the campaign have the list again, or returns ErrNotFound.
func (s *Store) Unassign(ctx context.Context, campaign, list uuid.UUID) error {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, campaign); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM assignments WHERE campaign_id = $1 AND list_id = $2`, campaign, list)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("unassign list %s: %w", list, err)
	}
	return nil
}

// AssignmentStatus is an assignment and how far the campaign is with its list.
type AssignmentStatus struct {
	Assignment
	Name     string       `json:"name" doc:"of the list"`
	Progress ListProgress `json:"progress"`
	Sound    bool         `json:"sound" doc:"the sum was checked: loaded = dialable + in flight + finished + all of excluded, and nothing is below zero"`
}

// Assignments returns those of a campaign with their progress, in the campaign's order of lists; ErrNotFound.
func (s *Store) Assignments(ctx context.Context, campaign uuid.UUID) ([]AssignmentStatus, error) {
	if _, err := s.Campaign(ctx, campaign); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT a.campaign_id, a.list_id, a.agents, a.teams, a.state, a.created_at, l.name FROM assignments a
		JOIN lists l ON l.id = a.list_id LEFT JOIN campaign_lists cl USING (campaign_id, list_id) WHERE a.campaign_id = $1 ORDER BY cl.position, l.id`, campaign)
	if err != nil {
		return nil, fmt.Errorf("assignments of campaign %s: %w", campaign, err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a AssignmentStatus, err error) {
		err = row.Scan(&a.Campaign, &a.List, &a.Agents, &a.Teams, &a.State, &a.CreatedAt, &a.Name)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("assignments of campaign %s: %w", campaign, err)
	}
	ids := make([]uuid.UUID, len(out))
	for i, a := range out {
		ids[i] = a.List
	}
	if len(ids) == 0 {
		return out, nil
	}
	all, err := s.ListsProgress(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("assignments of campaign %s: %w", campaign, err)
	}
	for i := range out {
		for _, p := range all.Items {
			if p.ListID == out[i].List && p.CampaignID == campaign {
				out[i].Progress, out[i].Sound = p, p.sound()
			}
		}
	}
	return out, nil
}

// sound checks the sum.
func (p *ListProgress) sound() bool {
	sum := p.Dialable + p.InFlight + p.Finished
	for _, n := range p.Excluded {
		sum += n
	}
	return sum == p.Loaded && p.Untouched >= 0
}

// assigned is an assignment as a claim needs it.
type assigned struct {
	agents []uuid.UUID // members of teams, too
	paused bool
	open   int // attempts to its contacts that are open
	taken  int // by this claim
}

const assignedSQL = `
SELECT a.list_id, a.agents || ARRAY(SELECT m.user_id FROM team_members m WHERE m.team_id = ANY (a.teams) ORDER BY m.user_id), a.state = 'paused',
	(SELECT count(*) FROM open_attempts o WHERE o.campaign_id = a.campaign_id AND o.list_id = a.list_id)::int
FROM assignments a WHERE a.campaign_id = $1`

func (c *claiming) readAssigned(rows pgx.Rows) error {
	var list uuid.UUID
	var a assigned
	_, err := pgx.ForEachRow(rows, []any{&list, &a.agents, &a.paused, &a.open}, func() error {
		if c.assigned == nil {
			c.assigned = map[uuid.UUID]*assigned{}
		}
		one := a
		c.assigned[list] = &one
		a = assigned{}
		return nil
	})
	return err
}

// room is how many more contacts of a list this claim may take.
func (c *claiming) room(list uuid.UUID) int {
	a := c.assigned[list]
	switch {
	case a == nil || !a.paused && c.req.PersonalFor == nil:
		return c.req.Max
	case a.paused:
		return 0
	}
	here := 0
	for _, id := range slices.Compact(slices.Clone(a.agents)) {
		if slices.Contains(c.req.PersonalFor, id) {
			here++
		}
	}
	return here - a.open - a.taken
}

// calledNow are the lists whose contacts may be taken now.
func (c *claiming) calledNow() []uuid.UUID {
	if len(c.assigned) == 0 {
		return c.lists
	}
	return slices.DeleteFunc(slices.Clone(c.lists), func(id uuid.UUID) bool { return c.room(id) <= 0 })
}

// agentsOf are those to whom a contact's list is assigned.
func (c *claiming) agentsOf(list uuid.UUID) []uuid.UUID {
	if a := c.assigned[list]; a != nil {
		return a.agents
	}
	return nil
}

const keptSQL = `
SELECT EXISTS (SELECT FROM contact_states cs WHERE cs.campaign_id = $1 AND cs.state = 'waiting' AND NOT cs.callback AND cs.rank = 0 AND cs.due_at <= $3
		AND cs.list_id = ANY ($2))
	OR EXISTS (SELECT FROM contact_states cs WHERE cs.campaign_id = $1 AND cs.state = 'waiting' AND NOT cs.callback AND cs.rank > 0 AND cs.due_at <= $3
		AND cs.list_id = ANY ($2))
	OR $4 = 0 AND EXISTS (SELECT FROM campaign_lists cl JOIN contacts c ON c.list_id = cl.list_id AND c.seq > cl.cursor_seq
		WHERE cl.campaign_id = $1 AND cl.list_id = ANY ($2))
	OR $4 > 0 AND EXISTS (SELECT FROM order_lanes l WHERE l.order_id = $4 AND l.list_id = ANY ($2) AND NOT l.spent)`

// keptFor reports whether contacts that may come now are left for agents who are busy or not here.
func (c *claiming) keptFor(ctx context.Context) (yes bool, err error) {
	var kept []uuid.UUID
	for _, l := range c.walk.lists {
		if l.kept {
			kept = append(kept, l.id)
		}
	}
	if len(kept) > 0 {
		err = c.tx.QueryRow(ctx, keptSQL, c.req.Campaign, kept, c.now, c.walk.order).Scan(&yes)
	}
	if err == nil && !yes {
		yes, err = c.partsKept(ctx)
	}
	return yes, err
}
