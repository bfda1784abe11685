package carrier

import (
	"bytes"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFastScenario runs the SIPp scenario of the benchmarks against a phone: it must answer and hang up.
func TestFastScenario(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	sipp := exec.Command("sipp", "-sf", "sipp/carrier-fast.xml", "-i", "127.77.5.21", "-p", "5060", "-mp", "30000",
		"-nostdin", "-m", "3", "-skip_rlimit")
	sipp.Stdout, sipp.Stderr = &out, &out
	require.NoError(t, sipp.Start(), "SIPp is needed: apt-get install sip-tester")
	exited := make(chan error, 1)
	go func() { exited <- sipp.Wait() }()
	t.Cleanup(func() { _ = sipp.Process.Kill() })

	p, err := NewPhone(PhoneOptions{Server: "127.77.5.21:5060", Address: "127.77.6.6:0", User: "1", Unlisted: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	for range 2 {
		call := place(t, p, "2") // repeated until SIPp listens
		wait(t, "the answer", call.Answered())
		wait(t, "the BYE", call.Done())
		by, _ := call.EndedBy()
		require.Equal(t, ByCallee, by)
	}
	call := place(t, p, "2")
	wait(t, "the answer", call.Answered())
	call.Hangup()
	wait(t, "the end", call.Done())
	select {
	case err := <-exited:
		require.NoError(t, err, out.String())
	case <-deadline(t).Done():
		require.Fail(t, "SIPp did not end", out.String())
	}
}
