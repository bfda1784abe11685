package e2e

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
)

// TestDNCRacesOnTheRealSwitch: numbers are suppressed while they ring, and others at the moment when they are about to be dialled
// because the call before was withdrawn. By the carrier's record no INVITE comes after an acknowledgement, and none rings on (I3).
// The same with ten thousand numbers and a simulated switch is in package dialer.
func TestDNCRacesOnTheRealSwitch(t *testing.T) {
	const numbers = 60
	who, nums := people{}, []string{}
	for i := range numbers {
		nums = append(nums, number(i))
		who[nums[i]] = carrier.Behaviour{Kind: carrier.NoAnswer}
	}
	w := newWorld(t, who)
	w.serve()
	c := w.campaign(nums, func(s *lists.Settings) { s.Recycle[lists.Cancelled] = lists.Recycle{After: 0, Limit: 50} })
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)
	var mu sync.Mutex
	acked := map[string]time.Time{}
	suppress := func(ctx context.Context, num string) {
		_, err := w.admin.AddDNC(ctx, client.NewDNC{Phone: num, Reason: "race"})
		if err != nil {
			t.Errorf("suppress %s: %v", num, err)
		}
		now := time.Now()
		mu.Lock()
		acked[num] = now
		mu.Unlock()
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for i := 0; i < numbers; i += 2 {
		_, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return in.Number == nums[i] })
		require.NoError(t, err, nums[i])
		var both sync.WaitGroup
		ctx, later := w.ctx(), time.After(time.Duration(rng.IntN(60))*time.Millisecond)
		both.Go(func() { suppress(ctx, nums[i]) })
		both.Go(func() { <-later; suppress(ctx, nums[i+1]) })
		both.Wait()
	}
	w.settled()
	dialled := map[string]bool{}
	for _, in := range w.Carrier.Invites() {
		dialled[in.Number] = true
		require.True(t, in.Arrived.Before(acked[in.Number]), "%s after its acknowledgement", in.Number)
		require.False(t, in.Ended.IsZero())
		require.Less(t, in.Ended.Sub(acked[in.Number]), 2*time.Second, "%s rang on", in.Number)
	}
	t.Logf("%d of %d numbers were dialled before they were suppressed", len(dialled), numbers)
	require.GreaterOrEqual(t, len(dialled), numbers/2)
}
