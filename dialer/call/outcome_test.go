package call

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists"
)

func TestClassify(t *testing.T) {
	end := func(cause, sip int) End { return End{Cause: cause, SIPCode: sip} }
	for _, c := range []struct {
		name string
		in   Facts
		want lists.Outcome
	}{
		{"busy 486", Facts{Rang: true, End: end(17, 486)}, lists.Busy},
		{"busy everywhere 600", Facts{End: end(0, 600)}, lists.Busy},
		{"busy by cause", Facts{End: end(17, 0)}, lists.Busy},
		{"not found 404", Facts{End: end(1, 404)}, lists.InvalidNumber},
		{"gone 410", Facts{End: end(22, 410)}, lists.InvalidNumber},
		{"incomplete 484", Facts{End: end(28, 484)}, lists.InvalidNumber},
		{"nowhere 604", Facts{End: end(1, 604)}, lists.InvalidNumber},
		{"unallocated by cause", Facts{End: end(1, 0)}, lists.InvalidNumber},
		{"number changed by cause", Facts{End: end(22, 0)}, lists.InvalidNumber},
		{"incomplete by cause", Facts{End: end(28, 0)}, lists.InvalidNumber},
		{"declined 603", Facts{Rang: true, End: end(21, 603)}, lists.Rejected},
		{"forbidden 403", Facts{End: end(21, 403)}, lists.Rejected},
		{"unwanted 607", Facts{End: end(21, 607)}, lists.Rejected},
		{"rejected by cause", Facts{End: end(21, 0)}, lists.Rejected},
		{"480 by the carrier at once", Facts{End: end(19, 480)}, lists.NoAnswer},
		{"480 by the carrier while ringing", Facts{Rang: true, End: end(19, 480)}, lists.NoAnswer},
		{"our ring timeout", Facts{Rang: true, TimedOut: true, End: end(19, 480)}, lists.NoAnswer},
		{"our ring timeout, we hung up", Facts{Rang: true, TimedOut: true, End: End{Cause: 16, ByUs: true}}, lists.NoAnswer},
		{"our timeout, the carrier never replied", Facts{TimedOut: true, End: end(19, 480)}, lists.TrunkFailed},
		{"our timeout, no reply, no status", Facts{TimedOut: true, End: end(19, 0)}, lists.TrunkFailed},
		{"our timeout, no reply, we hung up", Facts{TimedOut: true, End: End{Cause: 16, SIPCode: 487, ByUs: true}}, lists.TrunkFailed},
		{"our timeout, the carrier confirmed the CANCEL", Facts{TimedOut: true, End: end(0, 487)}, lists.NoAnswer},
		{"late busy by cause", Facts{TimedOut: true, End: end(17, 0)}, lists.Busy},
		{"late busy", Facts{TimedOut: true, End: end(17, 486)}, lists.Busy},
		{"congestion 503", Facts{End: end(34, 503)}, lists.TrunkFailed},
		{"server error before ringing", Facts{End: end(41, 500)}, lists.TrunkFailed},
		{"server error after ringing", Facts{Rang: true, End: end(41, 500)}, lists.NoAnswer},
		{"congestion after ringing", Facts{Rang: true, End: end(34, 503)}, lists.NoAnswer},
		{"network out of order after ringing, no status", Facts{Rang: true, End: end(38, 0)}, lists.NoAnswer},
		{"request timeout after ringing", Facts{Rang: true, End: end(0, 408)}, lists.NoAnswer},
		{"network out of order, no status", Facts{End: end(38, 0)}, lists.TrunkFailed},
		{"media refused 488", Facts{End: end(58, 488)}, lists.Rejected},
		{"media refused 488 after ringing", Facts{Rang: true, End: end(58, 488)}, lists.Rejected},
		{"media refused 406", Facts{End: end(0, 406)}, lists.Rejected},
		{"media refused 415", Facts{End: end(0, 415)}, lists.Rejected},
		{"media refused 606", Facts{End: end(58, 606)}, lists.Rejected},
		{"media refused by cause", Facts{End: end(58, 0)}, lists.Rejected},
		{"unknown 4xx", Facts{End: end(0, 420)}, lists.TrunkFailed},
		{"authentication", Facts{End: end(0, 401)}, lists.TrunkFailed},
		{"no circuit by cause", Facts{End: end(34, 0)}, lists.TrunkFailed},
		{"nothing known", Facts{}, lists.TrunkFailed},
		{"nothing known, rang", Facts{Rang: true}, lists.NoAnswer},
		{"cause 16 without ringing", Facts{End: end(16, 0)}, lists.TrunkFailed},
		{"cause 19 without a status", Facts{End: end(19, 0)}, lists.NoAnswer},
		{"hung up by us before the answer", Facts{Rang: true, End: End{Cause: 16, SIPCode: 487, ByUs: true}}, lists.Cancelled},
		{"talked, cause 0", Facts{Up: true, Bridged: true}, lists.Connected},
		{"talked, congestion later", Facts{Up: true, Bridged: true, End: end(34, 0)}, lists.Connected},
		{"hung up at once", Facts{Up: true, Rang: true}, lists.EarlyHangup},
		{"hung up after the limit", Facts{Up: true, Late: true}, lists.Abandoned},
		{"up, the dialplan's message was heard", Facts{Up: true, End: end(31, 0)}, lists.Abandoned},
		{"up, the dialplan had no message", Facts{Up: true, End: end(127, 0)}, lists.Abandoned},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, Classify(c.in)) })
	}
}

// TestClassifyAnything: there is always an outcome, and answered is never taken for unanswered or the other way round.
func TestClassifyAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Facts{Up: rapid.Bool().Draw(t, "up"), Rang: rapid.Bool().Draw(t, "rang"), Late: rapid.Bool().Draw(t, "late"),
			TimedOut: rapid.Bool().Draw(t, "timed out"), End: End{Cause: rapid.Int().Draw(t, "cause"),
				SIPCode: rapid.Int().Draw(t, "sip"), ByUs: rapid.Bool().Draw(t, "by us")}}
		f.Bridged = f.Up && rapid.Bool().Draw(t, "bridged")
		o := Classify(f)
		require.True(t, o.Valid())
		require.Equal(t, f.Up, o.Live())
		require.False(t, f.Rang && o == lists.TrunkFailed, "who was rung was called")
	})
}
