package lists_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// work does all jobs that wait.
func (l *ledger) work() {
	l.t.Helper()
	for {
		worked, err := l.WorkListJob(l.t.Context())
		require.NoError(l.t, err)
		if !worked {
			return
		}
	}
}

func (l *ledger) done(j lists.ListJob, err error) lists.ListJob {
	l.t.Helper()
	require.NoError(l.t, err)
	l.work()
	j, err = l.ListJob(l.t.Context(), j.ID)
	require.NoError(l.t, err)
	require.Equal(l.t, lists.JobDone, j.State, j.Problem)
	return j
}

// counted checks that the counter of a list is what it has.
func (l *ledger) counted(list uuid.UUID) int64 {
	l.t.Helper()
	var have int64
	require.NoError(l.t, l.pool.QueryRow(l.t.Context(), `SELECT count(*) FROM contacts WHERE list_id = $1`, list).Scan(&have))
	got, err := l.List(l.t.Context(), list)
	require.NoError(l.t, err)
	require.Equal(l.t, have, got.Contacts)
	return have
}

func TestSplitByShareCountAndFilter(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	l.declare(list, "no", "number")
	l.fill(list, 0, 1203)
	j := l.done(l.SplitList(t.Context(), list, nil, lists.Split{Revision: 1, Stay: 2, Parts: []lists.SplitPart{{Name: "a", Weight: 3}, {Name: "b", Weight: 1}}}))
	require.Len(t, j.NewLists, 2)
	require.EqualValues(t, 1203, j.Seen)
	require.InDelta(t, 602, l.counted(j.NewLists[0]), 1)
	require.InDelta(t, 200, l.counted(j.NewLists[1]), 1)
	require.InDelta(t, 401, l.counted(list), 1)

	b := j.NewLists[0]
	_, err := l.SplitList(t.Context(), list, nil, lists.Split{Revision: 1, Parts: []lists.SplitPart{{Name: "a", Weight: 3}}})
	require.ErrorIs(t, err, lists.ErrStale)
	first, err := l.Contacts(t.Context(), b, 0, 3, "")
	require.NoError(t, err)
	j = l.done(l.SplitList(t.Context(), b, nil, lists.Split{Revision: 1, Parts: []lists.SplitPart{{Name: "first", Count: 10}, {Name: "next", Count: 5}}}))
	require.EqualValues(t, 10, l.counted(j.NewLists[0]))
	require.EqualValues(t, 5, l.counted(j.NewLists[1]))
	moved, err := l.Contacts(t.Context(), j.NewLists[0], 0, 3, "")
	require.NoError(t, err)
	for i := range moved {
		require.Equal(t, first[i].ID, moved[i].ID, "the order stays")
		require.Greater(t, moved[i].Seq, first[i].Seq, "newcomers have new places")
	}

	rest, err := l.List(t.Context(), list)
	require.NoError(t, err)
	j = l.done(l.SplitList(t.Context(), list, nil, lists.Split{Revision: rest.Revision, Parts: []lists.SplitPart{{Name: "low", Filter: "no < 300"}, {Name: "mid", Filter: "no < 600"}}}))
	require.InDelta(t, 100, l.counted(j.NewLists[0]), 1)
	require.InDelta(t, 100, l.counted(j.NewLists[1]), 1)
	var input *lists.InputError
	for _, bad := range []lists.Split{{}, {Parts: []lists.SplitPart{{Name: "x"}}}, {Parts: []lists.SplitPart{{Name: "x", Count: 1}, {Name: "y", Weight: 1}}}, {Parts: []lists.SplitPart{{Weight: 1}}}} {
		_, err := l.SplitList(t.Context(), list, nil, bad)
		require.ErrorAs(t, err, &input)
	}
	_, err = l.SplitList(t.Context(), uuid.New(), nil, lists.Split{Parts: []lists.SplitPart{{Name: "x", Count: 1}}})
	require.ErrorIs(t, err, lists.ErrNotFound)
}

func TestMergeAndCopyKeepNumbersApart(t *testing.T) {
	l := newLedger(t)
	into, a, b := l.list(0, 10), l.list(5, 20), l.list(18, 30)
	j := l.done(l.MergeLists(t.Context(), into, nil, lists.Merge{Revision: 1, Sources: []uuid.UUID{a, b}, Archive: true}))
	require.EqualValues(t, 27, j.Seen)
	require.EqualValues(t, 20, j.Changed)
	require.EqualValues(t, 7, j.Skipped)
	require.EqualValues(t, 30, l.counted(into))
	require.EqualValues(t, 5, l.counted(a))
	require.EqualValues(t, 2, l.counted(b))
	c := l.list(0, 0)
	j = l.done(l.CopyContacts(t.Context(), c, nil, lists.Copy{Source: into, Revision: 1, Filter: `phone ends with "7"`}))
	require.EqualValues(t, 3, j.Changed)
	require.EqualValues(t, 3, l.counted(c))
	require.EqualValues(t, 30, l.counted(into))
	got, err := l.List(t.Context(), c)
	require.NoError(t, err)
	j = l.done(l.CopyContacts(t.Context(), c, nil, lists.Copy{Source: into, Revision: got.Revision}))
	require.EqualValues(t, 3, j.Skipped)
	require.EqualValues(t, 30, l.counted(c))
	// An emptied source is archived.
	d := l.list(50, 60)
	got, err = l.List(t.Context(), into)
	require.NoError(t, err)
	l.done(l.MergeLists(t.Context(), into, nil, lists.Merge{Revision: got.Revision, Sources: []uuid.UUID{d}, Archive: true}))
	got, err = l.List(t.Context(), d)
	require.NoError(t, err)
	require.NotNil(t, got.ArchivedAt)
}

// TestListsMoveWhileACampaignRuns: claims, endings and callbacks go on while a list is split and merged back; nobody is called
// twice, nobody is lost, and the sums hold.
func TestListsMoveWhileACampaignRuns(t *testing.T) {
	l := newLedger(t)
	const contacts = 3000
	list := l.list(0, contacts)
	c := l.campaign(nil, list)
	var mu sync.Mutex
	called := map[uuid.UUID]int{}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			r, err := l.Claim(t.Context(), c.ask(20))
			if err != nil {
				t.Error(err)
				return
			}
			var endings []lists.Ending
			mu.Lock()
			for _, x := range r.Claims {
				called[x.Contact.ID]++
				endings = append(endings, c.ending(x, lists.Connected, nil))
			}
			mu.Unlock()
			if _, err := l.Finish(t.Context(), endings); err != nil {
				t.Error(err)
			}
		}
	})
	j := l.done(l.SplitList(t.Context(), list, nil, lists.Split{Revision: 1, Parts: []lists.SplitPart{{Name: "a", Weight: 1}, {Name: "b", Weight: 1}}}))
	a, err := l.List(t.Context(), j.NewLists[0])
	require.NoError(t, err)
	l.done(l.MergeLists(t.Context(), a.ID, nil, lists.Merge{Revision: a.Revision, Sources: []uuid.UUID{list, j.NewLists[1]}}))
	require.Eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(called) == contacts
	}, time.Minute, 10*time.Millisecond)
	stop()
	wg.Wait()
	for id, n := range called {
		require.Equal(t, 1, n, id)
	}
	s := c.sums()
	require.EqualValues(t, contacts, s.Loaded)
	require.EqualValues(t, contacts, s.Finished)
	require.EqualValues(t, contacts, l.counted(a.ID))
	var strays int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM contact_states cs JOIN contacts c ON c.id = cs.contact_id WHERE c.list_id <> cs.list_id`).Scan(&strays))
	require.Zero(t, strays)
}

// TestResetBeginsAnewAndKeepsHistory also uses the list in another campaign.
func TestResetBeginsAnewAndKeepsHistory(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 30)
	c := l.campaign(nil, list)
	for i, x := range c.claim(30).Claims {
		c.finish(x, []lists.Outcome{lists.Connected, lists.InvalidNumber, lists.NoAnswer}[i%3])
	}
	require.EqualValues(t, 20, c.sums().Finished)
	_, err := l.ResetList(t.Context(), c.ID, list, nil, lists.Reset{Revision: 7})
	require.ErrorIs(t, err, lists.ErrStale)
	j := l.done(l.ResetList(t.Context(), c.ID, list, nil, lists.Reset{Revision: 1, Reasons: []string{"connected"}}))
	require.EqualValues(t, 10, j.Changed)
	require.EqualValues(t, 10, c.sums().Finished)
	require.Len(t, c.claim(30).Claims, 10)
	var attempts int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM attempts`).Scan(&attempts))
	require.Equal(t, 30, attempts)
	other := l.campaign(nil, list)
	require.Len(t, other.claim(30).Claims, 20, "the others are being called")
}

func TestArchive(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 3)
	c := l.campaign(nil, list)
	_, err := l.ArchiveList(t.Context(), list, 1, true)
	require.ErrorIs(t, err, lists.ErrInUse)
	require.ErrorContains(t, err, c.Name)
	require.NoError(t, l.SetStatus(t.Context(), c.ID, lists.Paused))
	got, err := l.ArchiveList(t.Context(), list, 1, true)
	require.NoError(t, err)
	require.NotNil(t, got.ArchivedAt)
	var input *lists.InputError
	require.ErrorAs(t, l.SetStatus(t.Context(), c.ID, lists.Running), &input)
	_, err = l.CreateCampaign(t.Context(), lists.Campaign{Name: "x", TrunkID: l.trunk, ListIDs: []uuid.UUID{list}, Settings: testSettings()})
	require.ErrorAs(t, err, &input)
	_, err = l.ArchiveList(t.Context(), list, 1, false)
	require.ErrorIs(t, err, lists.ErrStale)
	got, err = l.ArchiveList(t.Context(), list, got.Revision, false)
	require.NoError(t, err)
	require.Nil(t, got.ArchivedAt)
	require.NoError(t, l.SetStatus(t.Context(), c.ID, lists.Running))
	got, err = l.RenameList(t.Context(), list, got.Revision, " New  name ")
	require.NoError(t, err)
	require.Equal(t, "New name", got.Name)
}

func TestTagsAndCancel(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 20)
	j := l.done(l.TagContacts(t.Context(), list, nil, lists.Tagging{Filter: `phone ends with "3"`, Add: []string{" vip ", "vip", "new"}}))
	require.EqualValues(t, 2, j.Changed)
	l.done(l.TagContacts(t.Context(), list, nil, lists.Tagging{Filter: `tagged "vip"`, Remove: []string{"new"}}))
	g := l.segment("vip", `tagged "vip" and not tagged "new"`)
	n, err := l.CountSegment(t.Context(), g.ID, 0, false)
	require.NoError(t, err)
	require.EqualValues(t, 2, n.Contacts)
	j, err = l.TagContacts(t.Context(), list, nil, lists.Tagging{Add: []string{"x"}})
	require.NoError(t, err)
	require.NoError(t, l.CancelListJob(t.Context(), j.ID))
	l.work()
	j, err = l.ListJob(t.Context(), j.ID)
	require.NoError(t, err)
	require.Equal(t, lists.JobCancelled, j.State)
	require.Zero(t, j.Changed)
	jobs, err := l.ListJobs(t.Context(), list, 10)
	require.NoError(t, err)
	require.Len(t, jobs, 3)
	var input *lists.InputError
	_, err = l.TagContacts(t.Context(), list, nil, lists.Tagging{})
	require.ErrorAs(t, err, &input)
	_, err = l.TagContacts(t.Context(), list, nil, lists.Tagging{Add: []string{fmt.Sprintf("%041d", 1)}})
	require.ErrorAs(t, err, &input)
}
