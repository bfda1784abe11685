package carrier

import (
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCalls sets up and ends calls without audio, 16 at a time; the CPU is that of both sides.
func BenchmarkCalls(b *testing.B) {
	c, err := New(Options{Address: "127.77.5.20:0", NoMedia: true, Keep: 1024, Route: route(Behaviour{Kind: Human, Talk: time.Millisecond})})
	require.NoError(b, err)
	defer c.Close()
	caller, err := listen("127.77.6.1:0", "Caller", nil)
	require.NoError(b, err)
	caller.run()
	defer caller.close(ByClose)
	offer := describe(netip.MustParseAddrPort("127.77.6.1:9"), 1, 0, sendRecv)
	slots := make(chan struct{}, 16)
	before := cpu()
	for b.Loop() {
		slots <- struct{}{}
		call := newCall(nil, nil)
		call.onEnd = func(*Call) { <-slots }
		caller.call(c.Addr(), "1", "1001", offer, call, time.Minute, func(d *dialog) { call.d = d })
	}
	for range cap(slots) {
		slots <- struct{}{}
	}
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-us/call")
}

// BenchmarkTalk measures 100 calls that talk in tones for two seconds: 200 parties that send, receive and listen.
func BenchmarkTalk(b *testing.B) {
	const calls, length = 100, 4 * time.Second
	for b.Loop() {
		b.StopTimer()
		c, err := New(Options{Address: "127.77.5.20:0", Tones: true, Route: route(Behaviour{Kind: Human})})
		require.NoError(b, err)
		phones := make([]*Phone, calls)
		for i := range phones {
			phones[i], err = NewPhone(PhoneOptions{
				Server: c.Addr().String(), Address: "127.77.6.1:0", User: "1", Unlisted: true, Tone: AgentTone(i), Media: c.media,
			})
			require.NoError(b, err)
			_, err = phones[i].Call("1001")
			require.NoError(b, err)
		}
		for _, p := range phones { // the tone begins after hello and a pause
			call, err := p.WaitCall(b.Context())
			require.NoError(b, err)
			v, err := c.WaitInvite(b.Context(), func(v Invite) bool { return v.CallID == call.ID() })
			require.NoError(b, err)
			require.NoError(b, call.WaitHear(b.Context(), v.Tone))
		}
		before := cpu()
		b.StartTimer()
		<-time.After(length)
		b.StopTimer()
		b.ReportMetric(100*float64(cpu()-before)/float64(length)/(2*calls), "%core/party")
		b.ReportMetric(float64(c.media.skipped.Load()), "stalls")
		require.NoError(b, CloseAll(phones))
		var late, lost int64
		for _, v := range c.Invites() {
			late, lost = late+v.Reception.Late, lost+v.Reception.Lost
		}
		b.ReportMetric(float64(late), "late")
		b.ReportMetric(float64(lost), "lost")
		require.NoError(b, c.Close())
		b.StartTimer()
	}
}
