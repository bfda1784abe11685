package agent

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// TestAPageTellsThatAPopIsPainted: a bridge waits for a page that tells, once, and for no other.
func TestAPageTellsThatAPopIsPainted(t *testing.T) {
	f := NewFloor(Config{})
	me, attempt := uuid.New(), uuid.New()
	s := &session{id: uuid.New(), person: Person{ID: me}, paint: painted{attempt, make(chan struct{})}}
	f.byID[s.id], f.byAgent[me] = s, s
	require.Nil(t, f.PopShown(s.id, attempt), "no page is open")
	f.sockets[me] = 1
	require.Nil(t, f.PopShown(s.id, attempt), "the page is of a kind that does not tell")
	f.popShown(me, uuid.Nil)
	require.Nil(t, f.PopShown(s.id, uuid.New()), "another call")
	wait := f.PopShown(s.id, attempt)
	require.NotNil(t, wait)
	f.popShown(me, attempt)
	<-wait
	f.popShown(me, attempt)
	require.Nil(t, f.PopShown(s.id, attempt), "it is painted")
	f.popShown(uuid.New(), attempt)
}
