package dialer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
)

// TestTheBoardFollowsWithin500Milliseconds: a trunk's and a campaign's row tell what calls there are no later than 300 ms after the
// switch knows; the stream takes another 200 ms at most.
func TestTheBoardFollowsWithin500Milliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 20, 200, simswitch.Config{Fate: always(talker)}, nil)
		r.ledger.trunks[0].CPS, r.ledger.trunks[0].MaxChannels = 10, 15
		r.start()
		behind := func(shown func() int) time.Duration {
			for waited := time.Duration(0); ; waited += 10 * time.Millisecond {
				if shown() == r.sw.Live() {
					return waited
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
		trunk := func() dialer.BoardTrunk {
			row, _ := r.boards.Load("trunk/" + r.trunk.String() + "/" + r.node)
			b, _ := row.(dialer.BoardTrunk)
			return b
		}
		campaign := func() dialer.BoardCampaign {
			row, _ := r.boards.Load("campaign/" + r.campaign.String())
			b, _ := row.(dialer.BoardCampaign)
			return b
		}
		worst := time.Duration(0)
		for range 200 {
			time.Sleep(37 * time.Millisecond)
			worst = max(worst, behind(func() int { return trunk().InUse }))
			worst = max(worst, behind(func() int { b := campaign(); return b.Dialing + b.Waiting + b.InCalls }))
		}
		require.LessOrEqual(t, worst, 300*time.Millisecond)
		require.Equal(t, 15, trunk().MaxChannels)
		require.Zero(t, trunk().Failed)
		r.close(time.Minute)
	})
}
