package carrier

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
)

const agentName, agentSecret = "agent-1", "only-for-tests"

// behindAsterisk is a carrier on the trunk of a real Asterisk, and a phone registered there.
func behindAsterisk(t *testing.T, o Options) (*lab.AsteriskServer, *Carrier, *Phone) {
	t.Helper()
	srv := lab.AsteriskFor(t, lab.AsteriskOptions{Agents: []lab.AgentEndpoint{{Name: agentName, Secret: agentSecret}}})
	o.Address = srv.Carrier()
	c := startCarrier(t, o)
	p, err := NewPhone(PhoneOptions{
		Server: srv.SIPAddr(), Address: "127.77.6.7:0", User: agentName, Password: agentSecret, Tone: AgentTone(0), Media: c.media,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	require.NoError(t, p.WaitRegistered(deadline(t)))
	return srv, c, p
}

func TestAsteriskBridgesCustomerAndAgent(t *testing.T) {
	t.Parallel()
	srv, c, p := behindAsterisk(t, Options{Tones: true, Route: route(Behaviour{Kind: Human, Ring: 100 * time.Millisecond})})
	a := connectARI(t, srv)
	agent := a.originate("PJSIP/"+agentName, "dialtide-agent", nil)
	require.Equal(t, []string{"agent", agent}, a.stasis(agent))
	customer := a.originate("PJSIP/+4930123456@carrier", "dialtide-out", nil)
	require.Equal(t, []string{"answered", customer}, a.stasis(customer))
	a.bridge(customer, agent)

	call, err := c.WaitAnswered(deadline(t), "+4930123456")
	require.NoError(t, err)
	require.NoError(t, call.WaitHear(deadline(t), AgentTone(0)))
	require.NoError(t, p.WaitHear(deadline(t), CustomerTone(0)))
	require.Equal(t, "15550100", call.CallerID())

	require.NoError(t, p.Hold(deadline(t)))
	require.NoError(t, call.WaitSilent(deadline(t), AgentTone(0)))
	require.NoError(t, p.Unhold(deadline(t)))
	require.NoError(t, call.WaitHear(deadline(t), AgentTone(0)))
	require.NoError(t, p.SendDTMF("5#"))
	require.NoError(t, call.WaitDigits(deadline(t), "5#"))

	call.Hangup()
	v := closed(t, c, "+4930123456")
	require.Equal(t, ByCallee, v.EndedBy)
	require.Contains(t, v.Heard, AgentTone(0))
	require.Equal(t, 1, c.Latencies().Count)
	t.Logf("answer to voice %v; received %+v", c.Latencies().Max, v.Reception)
	require.NoError(t, p.WaitSilent(deadline(t), CustomerTone(0)))
	require.Len(t, p.Calls(), 1, "the agent's leg stays up")
}

func TestAsteriskTellsHumansFromMachines(t *testing.T) {
	t.Parallel()
	srv, _, _ := behindAsterisk(t, Options{Route: LastTwoDigits})
	a := connectARI(t, srv)
	want := map[string]string{}
	for n := range 10 {
		// 00-09: people who answer at once and stay 1 to 10 s; 50-59: machines.
		want[a.originate(fmt.Sprintf("PJSIP/90000%02d@carrier", 5+n%5), "dialtide-out", map[string]string{"DT_AMD": "before"})] = "HUMAN"
		want[a.originate(fmt.Sprintf("PJSIP/90000%02d@carrier", 50+n), "dialtide-out", map[string]string{"DT_AMD": "before"})] = "MACHINE"
	}
	for id, verdict := range want {
		args := a.stasis(id)
		require.GreaterOrEqual(t, len(args), 3)
		require.Equal(t, verdict, args[2], "%v", args)
	}
}

func TestPhoneComesBackAfterAsteriskWasKilled(t *testing.T) {
	t.Parallel()
	srv, _, p := behindAsterisk(t, Options{Route: LastTwoDigits})
	a := connectARI(t, srv)
	a.stasis(a.originate("PJSIP/"+agentName, "dialtide-agent", nil))
	old, err := p.WaitCall(deadline(t))
	require.NoError(t, err)
	srv.Kill()
	require.NoError(t, srv.Start(t.Context()))
	require.NoError(t, p.Register(deadline(t)))
	a = connectARI(t, srv)
	a.stasis(a.originate("PJSIP/"+agentName, "dialtide-agent", nil))
	wait(t, "the end of the lost call", old.Done())
	by, _ := old.EndedBy()
	require.Equal(t, ByNewCall, by)
	require.Len(t, p.Calls(), 1)
}
