package lists_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// newContacts are n numbers from the i-th on.
func newContacts(i, n int) []lists.NewContact {
	out := make([]lists.NewContact, n)
	for k := range out {
		out[k] = lists.NewContact{Number: lists.Number{E164: fmt.Sprintf("+1212%07d", 2000000+i+k), Zones: []string{"America/New_York"}, Region: "US-NY"}}
	}
	return out
}

func (l *ledger) running(list uuid.UUID) uuid.UUID {
	l.t.Helper()
	i, err := l.CreateImport(l.t.Context(), lists.Import{ID: uuid.New(), ListID: list, FileName: "x.csv"})
	require.NoError(l.t, err)
	return i.ID
}

// TestStepsInTurn: while steps of an import overlap and others add contacts to the list too, a cursor that walks the list passes
// nobody over, and everybody is counted.
func TestStepsInTurn(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	id := l.running(list)
	mine, err := l.TakeLane(t.Context(), list, id)
	require.NoError(t, err)
	require.True(t, mine)

	const steps, size = 60, 50
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var walked []string
	cursor := int64(0)
	walk := func() (n int) {
		rows, err := l.pool.Query(context.Background(), `SELECT seq, phone FROM contacts WHERE list_id = $1 AND seq > $2 ORDER BY seq LIMIT 20`, list, cursor)
		if !assertNoError(t, err) {
			return 0
		}
		defer rows.Close()
		for rows.Next() {
			var phone string
			if !assertNoError(t, rows.Scan(&cursor, &phone)) {
				return 0
			}
			walked = append(walked, phone)
			n++
		}
		return n
	}
	wg.Go(func() {
		for ctx.Err() == nil {
			walk()
		}
	})
	wg.Go(func() {
		for i := range 100 {
			_, err := l.UpsertContacts(context.Background(), list, newContacts(100_000+i, 1), lists.Duplicates{})
			assertNoError(t, err)
		}
	})
	var loads sync.WaitGroup
	var before *lists.Turn
	room := make(chan struct{}, 2)
	for i := range steps {
		room <- struct{}{}
		turn, was := lists.NewTurn(), before
		before = turn
		loads.Go(func() {
			_, err := l.AdvanceInTurn(context.Background(), id, list, lists.ImportStep{Contacts: newContacts(i*size, size), Rows: make([]int64, size), Known: true,
				RowsRead: int64((i + 1) * size)}, was, turn)
			assertNoError(t, err)
			<-room
		})
	}
	loads.Wait()
	stop()
	wg.Wait()
	for walk() > 0 {
	}
	require.Len(t, walked, steps*size+100)
	require.IsIncreasing(t, ofImport(walked), "an import keeps the order of its file")
	got, err := l.Import(t.Context(), id)
	require.NoError(t, err)
	require.EqualValues(t, steps*size, got.RowsRead)
	require.EqualValues(t, steps*size, got.Accepted)
	var counted int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT sum(contacts) FROM list_zones WHERE list_id = $1 AND region = 'US-NY'`, list).Scan(&counted))
	require.Equal(t, len(walked), counted)
}

// ofImport leaves those out that were added one by one.
func ofImport(phones []string) (out []string) {
	for _, p := range phones {
		if p < "+12122100000" {
			out = append(out, p)
		}
	}
	return out
}

func assertNoError(t *testing.T, err error) bool {
	if err != nil {
		t.Errorf("unexpected: %v", err)
	}
	return err == nil
}

// TestStepOutOfTurn: a step behind one that failed is not stored, and no import enters the lane of another one.
func TestStepOutOfTurn(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	id, other := l.running(list), l.running(list)
	mine, err := l.TakeLane(t.Context(), list, id)
	require.NoError(t, err)
	require.True(t, mine)
	theirs, err := l.TakeLane(t.Context(), list, other)
	require.NoError(t, err)
	require.False(t, theirs, "it belongs to an import that runs")
	_, err = l.AdvanceInTurn(t.Context(), other, list, lists.ImportStep{Contacts: newContacts(0, 1), Rows: []int64{2}}, nil, lists.NewTurn())
	require.ErrorIs(t, err, lists.ErrOutOfTurn)

	_, err = l.UpsertContacts(t.Context(), list, newContacts(5, 1), lists.Duplicates{})
	require.NoError(t, err)
	first, second := lists.NewTurn(), lists.NewTurn()
	done := make(chan error)
	go func() {
		_, err := l.AdvanceInTurn(context.Background(), id, list, lists.ImportStep{Contacts: newContacts(10, 3), Rows: []int64{2, 3, 4}}, first, second)
		done <- err
	}()
	_, err = l.AdvanceInTurn(t.Context(), id, list, lists.ImportStep{Contacts: newContacts(4, 3), Rows: []int64{2, 3, 4}}, nil, first)
	require.ErrorContains(t, err, "contacts_phone")
	require.ErrorIs(t, <-done, lists.ErrOutOfTurn)
	var n int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM contacts WHERE list_id = $1`, list).Scan(&n))
	require.Equal(t, 1, n)
	require.NoError(t, l.EndImport(t.Context(), id, ""))
	theirs, err = l.TakeLane(t.Context(), list, other)
	require.NoError(t, err)
	require.True(t, theirs)
}

// TestStepKeepsTheOrderOfItsFile: contacts are stored by number and called in the order of their file; a batch with hot ones is
// stored as it stands, because those of one priority come by their ids.
func TestStepKeepsTheOrderOfItsFile(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	id := l.running(list)
	mine, err := l.TakeLane(t.Context(), list, id)
	require.NoError(t, err)
	require.True(t, mine)
	step := func(rows int64, contacts []lists.NewContact) {
		_, err := l.AdvanceInTurn(t.Context(), id, list, lists.ImportStep{Contacts: contacts, Rows: make([]int64, len(contacts)), Known: true, RowsRead: rows}, nil, lists.NewTurn())
		require.NoError(t, err)
	}
	phones := func(order string) (out []string) {
		rows, err := l.pool.Query(t.Context(), `SELECT phone FROM contacts WHERE list_id = $1 ORDER BY `+order, list)
		require.NoError(t, err)
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return out
	}
	file := newContacts(0, 300)
	file[7].Number.E164, file[90].Number.E164 = "+4915112345678", "+12122000"
	file[7].Name = "seventh"
	slices.Reverse(file)
	want := make([]string, len(file))
	for i, c := range file {
		want[i] = c.Number.E164
	}
	step(300, file)
	require.Equal(t, want, phones("seq"))
	var name string
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT name FROM contacts WHERE list_id = $1 AND phone = '+4915112345678'`, list).Scan(&name))
	require.Equal(t, "seventh", name)
	slices.Sort(want)
	require.Equal(t, want, phones("id"))

	hot := newContacts(1000, 20)
	slices.Reverse(hot)
	hot[3].Priority = 5
	step(320, hot)
	require.Equal(t, phones("seq")[300:], phones("id")[300:])
	require.IsDecreasing(t, phones("id")[300:])
}
