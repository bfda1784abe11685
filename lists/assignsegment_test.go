package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func (o *owned) claimFor(n int, agents ...uuid.UUID) lists.ClaimResult {
	o.l.t.Helper()
	req := o.ask(n)
	req.PersonalFor = append([]uuid.UUID{}, agents...)
	r, err := o.l.Claim(o.l.t.Context(), req)
	require.NoError(o.l.t, err)
	return r
}

// TestAssignedSegment: contacts that fit an assigned segment are dialled one for each of its agents who is here and not busy; the
// others of the same list go on meanwhile, nobody is lost, and progress adds up.
func TestAssignedSegment(t *testing.T) {
	l := newLedger(t)
	ann, bob, eve := l.user(), l.user(), l.user()
	list := l.list(0, 12)
	c := l.campaign(nil, list)
	low, err := l.CreateSegment(t.Context(), lists.Segment{Name: "low", Filter: `no in ("0", "1", "2", "3", "10", "11")`, ListIDs: []uuid.UUID{list}})
	require.NoError(t, err)
	team, err := l.PutTeam(t.Context(), lists.Team{Name: "blue", Members: []uuid.UUID{bob}})
	require.NoError(t, err)
	a, err := l.AssignSegment(t.Context(), lists.SegmentAssignment{Campaign: c.ID, Segment: low.ID, Agents: []uuid.UUID{ann}, Teams: []uuid.UUID{team.ID}, State: lists.AssignmentOpen}, nil)
	require.NoError(t, err)
	require.False(t, a.CreatedAt.IsZero())

	// 4 to 9 are everybody's.
	got := c.claimFor(20, eve)
	require.Len(t, got.Claims, 6)
	for _, x := range got.Claims {
		require.Empty(t, x.Agents)
		c.finish(x, lists.Connected)
	}
	require.Equal(t, lists.DryAssigned, got.Dry)
	require.Equal(t, 6, got.Deferred[lists.ReasonAssigned])

	got = c.claimFor(20, ann, eve)
	require.Len(t, got.Claims, 1, "one for ann")
	require.Equal(t, []uuid.UUID{ann, bob}, got.Claims[0].Agents)
	first := got.Claims[0]
	require.Empty(t, c.claimFor(20, ann, eve).Claims, "ann is busy")
	got = c.claimFor(20, ann, bob, eve)
	require.Len(t, got.Claims, 1, "one for bob")

	status, err := l.SegmentAssignments(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, status, 1)
	require.True(t, status[0].Counted && status[0].Sound, "%+v", status)
	require.Equal(t, "low", status[0].Name)
	require.EqualValues(t, 6, status[0].Progress.Loaded)
	require.EqualValues(t, 2, status[0].Progress.InFlight)
	require.EqualValues(t, 4, status[0].Progress.WaitingFor[lists.ReasonAssigned])
	c.sums()

	// A retry goes to the segment's agents, too.
	c.finish(first, lists.NoAnswer)
	l.pass(3 * time.Hour)
	require.Len(t, c.claimFor(1, ann, bob).Claims, 1)
	require.Empty(t, c.claimFor(20, eve).Claims)

	// Unassigned, they are everybody's.
	require.NoError(t, l.UnassignSegment(t.Context(), c.ID, low.ID))
	require.ErrorIs(t, l.UnassignSegment(t.Context(), c.ID, low.ID), lists.ErrNotFound)
	l.work()
	require.Len(t, c.claimFor(20, eve).Claims, 4)
	require.EqualValues(t, 6, c.sums().InFlight)
	require.NoError(t, l.DeleteSegment(t.Context(), low.ID))
}

// TestPausedAndOverlappingSegments: a paused one is called by nobody; of two that hold a contact the one that was assigned first has
// it; a segment in use cannot go, and a changed one is asked anew.
func TestPausedAndOverlappingSegments(t *testing.T) {
	l := newLedger(t)
	ann, bob := l.user(), l.user()
	list := l.list(0, 4)
	c := l.campaign(nil, list)
	segment := func(name, filter string) lists.Segment {
		g, err := l.CreateSegment(t.Context(), lists.Segment{Name: name, Filter: filter, ListIDs: []uuid.UUID{list}})
		require.NoError(t, err)
		return g
	}
	assign := func(g lists.Segment, state string, agent uuid.UUID) {
		_, err := l.AssignSegment(t.Context(), lists.SegmentAssignment{Campaign: c.ID, Segment: g.ID, Agents: []uuid.UUID{agent}, State: state}, nil)
		require.NoError(t, err)
	}
	zero, small := segment("zero", `no = "0"`), segment("small", `no in ("0", "1")`)
	assign(zero, lists.AssignmentPaused, ann)
	assign(small, lists.AssignmentOpen, bob)
	got := c.claimFor(10, ann, bob)
	require.Len(t, got.Claims, 3) // 1 for bob, 2 and 3 for anybody
	require.ErrorIs(t, l.DeleteSegment(t.Context(), zero.ID), lists.ErrInUse)
	assign(zero, lists.AssignmentOpen, ann)
	got = c.claimFor(10, ann, bob)
	require.Equal(t, []string{number(0)}, phonesOf(got))
	require.Equal(t, []uuid.UUID{ann}, got.Claims[0].Agents)
	c.finish(got.Claims[0], lists.NoAnswer)
	l.pass(3 * time.Hour)
	assign(zero, lists.AssignmentPaused, ann)
	require.Empty(t, c.claimFor(10, ann, bob).Claims)
	zero.Filter = `no = "7"`
	_, err := l.UpdateSegment(t.Context(), zero)
	require.NoError(t, err)
	l.work()
	require.Empty(t, c.claimFor(10, ann).Claims, "it fits the other one, whose agent is not here")
	require.Empty(t, c.claimFor(10, bob).Claims, "who is busy with the other contact")

	var input *lists.InputError
	for _, bad := range []lists.SegmentAssignment{{Segment: small.ID, State: "open"}, {Segment: uuid.New(), Agents: []uuid.UUID{ann}, State: "open"},
		{Segment: small.ID, Agents: []uuid.UUID{uuid.New()}, State: "open"}, {Segment: small.ID, Agents: []uuid.UUID{ann}, State: "shut"}} {
		bad.Campaign = c.ID
		_, err := l.AssignSegment(t.Context(), bad, nil)
		require.ErrorAs(t, err, &input)
	}
}
