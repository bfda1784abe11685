package simswitch_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/dialer/switchtest"
)

func TestConformance(t *testing.T) { switchtest.Conformance(t, start) }

func TestLegs(t *testing.T) { switchtest.Legs(t, start) }

// start makes a simulated switch with a callee of each kind.
func start(t *testing.T, handle func(dialer.Event)) switchtest.Rig {
	var numbers atomic.Int64
	fates := []simswitch.Fate{
		switchtest.Talks:       {Ring: 20 * time.Millisecond, Answer: 60 * time.Millisecond, Talk: 9 * time.Second},
		switchtest.HangsUp:     {Ring: 20 * time.Millisecond, Answer: 60 * time.Millisecond, Talk: 300 * time.Millisecond},
		switchtest.AMachine:    {Ring: 20 * time.Millisecond, Answer: 60 * time.Millisecond, Talk: 15 * time.Second, Machine: true},
		switchtest.IsBusy:      {Refuse: 10 * time.Millisecond, End: dialer.End{Cause: 17, SIPCode: 486}},
		switchtest.RingsOn:     {Ring: 20 * time.Millisecond},
		switchtest.Unallocated: {Refuse: 10 * time.Millisecond, End: dialer.End{Cause: 1, SIPCode: 404}},
		switchtest.Stays:       {Ring: 20 * time.Millisecond, Answer: 60 * time.Millisecond},
	}
	s := simswitch.New(simswitch.Config{
		Fate:    func(number string) simswitch.Fate { return fates[number[len(number)-1]-'0'] },
		Phone:   func(endpoint string) bool { return endpoint == "phone-1" },
		AMD:     100 * time.Millisecond,
		Message: 200 * time.Millisecond,
	}, handle)
	t.Cleanup(s.Close)
	return switchtest.Rig{
		Switch: s, Phones: s, Legs: s, Trunk: "carrier", Phone: func() string { return "phone-1" }, CallerID: "+12025550100", Record: true,
		Number:  func(kind switchtest.Callee) string { return fmt.Sprintf("1555%06d%d", numbers.Add(1), kind) },
		Invites: s.Invites,
	}
}
