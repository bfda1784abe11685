package lists_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// present claims with some agents logged in.
func (o *owned) present(n int, agents ...uuid.UUID) lists.ClaimResult {
	o.l.t.Helper()
	ask := o.ask(n)
	ask.PersonalFor = append([]uuid.UUID{}, agents...)
	r, err := o.l.Claim(o.l.t.Context(), ask)
	require.NoError(o.l.t, err)
	return r
}

func (l *ledger) assign(c *owned, list uuid.UUID, state string, agents, teams []uuid.UUID) {
	l.t.Helper()
	_, err := l.Assign(l.t.Context(), lists.Assignment{Campaign: c.ID, List: list, Agents: agents, Teams: teams, State: state}, nil)
	require.NoError(l.t, err)
}

// TestAssignedListsAreForTheirAgents: as many contacts of a list as there are free agents of its own, the rest of other lists.
func TestAssignedListsAreForTheirAgents(t *testing.T) {
	l := newLedger(t)
	a, b := l.list(0, 10), l.list(100, 110)
	c := l.campaign(nil, a, b)
	ann, bob, eve := l.user(), l.user(), l.user()
	team, err := l.PutTeam(t.Context(), lists.Team{Name: "North", Members: []uuid.UUID{bob, bob}})
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{bob}, team.Members)
	l.assign(c, a, lists.AssignmentOpen, []uuid.UUID{ann}, []uuid.UUID{team.ID})

	r := c.present(4, ann, bob, eve)
	require.Len(t, r.Claims, 4)
	for i, x := range r.Claims {
		require.Equal(t, i < 2, x.Contact.ListID == a)
		if i < 2 {
			require.Equal(t, []uuid.UUID{ann, bob}, x.Agents)
		} else {
			require.Nil(t, x.Agents)
		}
	}
	require.Equal(t, b, c.present(1, ann, bob, eve).Claims[0].Contact.ListID, "both are busy with the list")
	c.finish(r.Claims[0], lists.NoAnswer)
	require.Equal(t, number(2), c.present(1, ann, bob, eve).Claims[0].Contact.Phone)
	c.finish(r.Claims[1], lists.Connected)
	require.Equal(t, b, c.present(1, eve).Claims[0].Contact.ListID, "neither is here")
	c.sums()

	for range 6 {
		c.present(1, eve)
	}
	r = c.present(3, eve)
	require.Len(t, r.Claims, 0)
	require.Equal(t, lists.DryAssigned, r.Dry)
	l.assign(c, a, lists.AssignmentPaused, []uuid.UUID{ann}, nil)
	require.Equal(t, lists.DryAssigned, c.present(3, ann, bob, eve).Dry)
	require.Empty(t, c.claim(3).Claims, "paused is for everybody")
	require.NoError(t, l.Unassign(t.Context(), c.ID, a))
	require.Len(t, c.present(3, eve).Claims, 3)
	require.ErrorIs(t, l.Unassign(t.Context(), c.ID, a), lists.ErrNotFound)
	c.sums()
}

// TestRetriesOfAssignedListsWaitForTheirAgents, but a callback comes all the same.
func TestRetriesOfAssignedListsWaitForTheirAgents(t *testing.T) {
	l := newLedger(t)
	a := l.list(0, 3)
	c := l.campaign(func(s *lists.Settings) { s.Recycle = retried(0) }, a)
	ann, bob := l.user(), l.user()
	for _, x := range c.claim(3).Claims {
		c.finish(x, lists.NoAnswer)
	}
	l.assign(c, a, lists.AssignmentOpen, []uuid.UUID{ann}, nil)
	require.Equal(t, lists.DryAssigned, c.present(3, bob).Dry)
	r := c.present(3, ann, bob)
	require.Len(t, r.Claims, 1)
	at := l.clock().Add(1)
	_, err := l.Finish(t.Context(), []lists.Ending{c.ending(r.Claims[0], lists.Connected, &ann)})
	require.NoError(t, err)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: r.Claims[0].Permit.Attempt(), Agent: ann, Code: "callback", CallbackAt: &at})
	require.NoError(t, err)
	l.pass(1000)
	r = c.present(3, bob)
	require.Len(t, r.Claims, 1)
	require.Equal(t, lists.KindCallback, r.Claims[0].Kind)
	require.Equal(t, []uuid.UUID{ann}, r.Claims[0].Agents)
	c.finish(r.Claims[0], lists.NoAnswer)
	require.Len(t, c.present(3, ann).Claims, 1, "the callback that failed: one at a time for one agent")
	c.sums()
}

func TestAssignmentsValidate(t *testing.T) {
	l := newLedger(t)
	a := l.list(0, 1)
	c := l.campaign(nil, a)
	ann := l.user()
	var input *lists.InputError
	for field, bad := range map[string]lists.Assignment{
		"agents": {List: a, State: "open"}, "agents ": {List: a, State: "open", Agents: []uuid.UUID{uuid.New()}},
		"teams": {List: a, State: "open", Teams: []uuid.UUID{uuid.New()}}, "state": {List: a, State: "x", Agents: []uuid.UUID{ann}},
		"list_id": {List: uuid.New(), State: "open", Agents: []uuid.UUID{ann}},
	} {
		bad.Campaign = c.ID
		_, err := l.Assign(t.Context(), bad, nil)
		require.ErrorAs(t, err, &input, field)
		require.Contains(t, field, input.Field)
	}
	_, err := l.Assign(t.Context(), lists.Assignment{Campaign: uuid.New(), List: a, State: "open", Agents: []uuid.UUID{ann}}, nil)
	require.ErrorIs(t, err, lists.ErrNotFound)
	team, err := l.PutTeam(t.Context(), lists.Team{Name: "North"})
	require.NoError(t, err)
	_, err = l.PutTeam(t.Context(), lists.Team{Name: "North"})
	require.ErrorIs(t, err, lists.ErrExists)
	_, err = l.PutTeam(t.Context(), lists.Team{Name: "South", Members: []uuid.UUID{uuid.New()}})
	require.ErrorAs(t, err, &input)
	_, err = l.PutTeam(t.Context(), lists.Team{ID: uuid.New(), Name: "South"})
	require.ErrorIs(t, err, lists.ErrNotFound)
	l.assign(c, a, lists.AssignmentOpen, nil, []uuid.UUID{team.ID})
	require.ErrorAs(t, l.DeleteTeam(t.Context(), team.ID), &input)
	require.NoError(t, l.Unassign(t.Context(), c.ID, a))
	require.NoError(t, l.DeleteTeam(t.Context(), team.ID))
	require.ErrorIs(t, l.DeleteTeam(t.Context(), team.ID), lists.ErrNotFound)
	teams, err := l.Teams(t.Context())
	require.NoError(t, err)
	require.Empty(t, teams)
}

func TestAssignmentsTellTheirProgress(t *testing.T) {
	l := newLedger(t)
	a, b := l.list(0, 5), l.list(100, 104)
	c := l.campaign(nil, b, a)
	ann := l.user()
	none, err := l.Assignments(t.Context(), c.ID)
	require.NoError(t, err)
	require.Empty(t, none)
	l.assign(c, a, lists.AssignmentPaused, []uuid.UUID{ann}, nil)
	l.assign(c, b, lists.AssignmentOpen, []uuid.UUID{ann}, nil)
	_, err = l.AddDNC(t.Context(), lists.DNC{Phone: number(101), Reason: "x"})
	require.NoError(t, err)
	got := c.claim(3).Claims
	require.Len(t, got, 3)
	c.finish(got[0], lists.Connected)
	c.finish(got[1], lists.Busy)
	all, err := l.Assignments(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, all, 2)
	p := all[0].Progress
	require.Equal(t, b, all[0].List)
	require.Equal(t, []int64{4, 1, 0, 1, 1, 1}, []int64{p.Loaded, p.Dialable, p.Untouched, p.InFlight, p.Finished, p.Excluded["dnc"]})
	require.EqualValues(t, 5, all[1].Progress.Untouched)
	require.Equal(t, []uuid.UUID{ann}, all[1].Agents)
	require.Equal(t, "paused", all[1].State)
	require.True(t, all[0].Sound && all[1].Sound)
	_, err = l.Assignments(t.Context(), uuid.New())
	require.ErrorIs(t, err, lists.ErrNotFound)
}
