package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// TestEveryWayACallCanEnd dials one number of each kind and compares the outcome that the product names with what the
// carrier did.
func TestEveryWayACallCanEnd(t *testing.T) {
	w := newWorld(t, nil)
	w.serve()
	want := map[string]lists.Outcome{
		number(2):  lists.Connected, // a person who talks three seconds and hangs up
		number(50): lists.MachineFound,
		number(60): lists.Busy,
		number(70): lists.NoAnswer, // rings until we give up
		number(75): lists.NoAnswer, // 480 after ringing
		number(80): lists.InvalidNumber,
		number(85): lists.TrunkFailed,
		number(98): lists.Rejected,
		number(99): lists.TrunkFailed, // no SIP answer at all
	}
	var numbers []string
	for n := range want {
		numbers = append(numbers, n)
	}
	c := w.campaign(numbers, func(s *lists.Settings) { s.AMD = lists.AMDBeside })
	for n := range 4 {
		a := w.agent(n + 1)
		a.work(c)
		go func() { // whoever gets the person disposes of him, so that the seat is free again
			for {
				sc, err := a.Await(context.Background(), wrapUp)
				if err != nil {
					return
				}
				_, _ = a.Command(context.Background(), "dispose", map[string]any{"attempt_id": sc.Pop.AttemptID, "code": "not_interested", "note": ""})
			}
		}()
	}
	w.status(c, lists.Running)
	w.eventually("each number has an outcome", func(context.Context) bool { return len(w.outcomes()) == len(want) })
	w.checkDashboards()
	w.status(c, lists.Paused)
	w.settled()
	for n, got := range w.outcomes() {
		require.Equal(t, want[n], got[0], n)
	}
	w.checkSwitchRecord()
	w.checkMetrics(`dialtide_attempts_total{outcome="busy"} 1`, "dialtide_calls_bridged_total 2", "dialtide_calls_abandoned_total 0")

	sum, err := w.admin.Summary(w.ctx(), c.ID)
	require.NoError(t, err)
	excluded := int64(0)
	for _, n := range sum.Excluded {
		excluded += n
	}
	require.Equal(t, sum.Loaded, sum.Dialable+sum.InFlight+sum.Finished+excluded, "I14: %+v", sum)
}

func (w *world) checkMetrics(lines ...string) {
	w.t.Helper()
	resp, err := http.Get(w.base + "/metrics")
	require.NoError(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	for _, l := range lines {
		require.Contains(w.t, "\n"+string(body), "\n"+l+"\n")
	}
	// Each is documented by its line of help, and has its unit in its name.
	problems, err := promlint.New(bytes.NewReader(body)).Lint()
	require.NoError(w.t, err)
	for _, p := range problems {
		require.False(w.t, strings.HasPrefix(p.Metric, "dialtide_"), "%s: %s", p.Metric, p.Text)
	}
}

// TestACallFromPopToRecording follows one call: pop before the voice, both hear each other, the script's answers are kept,
// a reload loses nothing, the agent hangs up and disposes once, and the recording has each on his own channel.
func TestACallFromPopToRecording(t *testing.T) {
	num := number(1)
	w := newWorld(t, people{num: {Kind: carrier.Human, Ring: 500 * time.Millisecond}}) // stays until we hang up
	w.serve()
	c := w.campaign([]string{num}, nil)
	a := w.agent(1)
	a.work(c)
	order := watch(t, a)
	w.status(c, lists.Running)

	sc := a.see("talking", talking)
	require.Equal(t, "Contact 0", sc.Pop.Contact.Name)
	require.Equal(t, "Green", sc.Pop.Contact.Fields["tariff"])
	require.Equal(t, num, sc.Pop.Contact.Phone)
	require.Equal(t, "America/Los_Angeles", sc.Pop.Contact.Zone)
	call, err := w.Carrier.WaitAnswered(w.ctx(), num)
	require.NoError(t, err)
	customer := tone(w, num)
	require.NoError(t, call.WaitHear(w.ctx(), a.Tone), "the customer hears the agent")
	require.NoError(t, a.Phone.WaitHear(w.ctx(), customer), "the agent hears the customer")
	first := <-order
	require.Equal(t, agent.Reserved, first.State, "the pop is on the screen before the voice")

	answer := map[string]any{"attempt_id": sc.Pop.AttemptID, "step": "hello", "value": "yes"}
	a.do("answer", answer)
	a.sit() // a reload: a new sign-in, a new socket
	sc = a.see("the same call after the reload", talking)
	require.JSONEq(t, `"yes"`, string(sc.Pop.Answers["hello"]))

	a.do("hangup", map[string]any{"attempt_id": sc.Pop.AttemptID})
	sc = a.see("wrap-up", wrapUp)
	require.Equal(t, "agent", sc.Call.HungUpBy)
	late, err := a.Command(w.ctx(), "hangup", map[string]any{"attempt_id": sc.Pop.AttemptID})
	require.NoError(t, err)
	require.False(t, late.OK)
	require.Equal(t, "call_over", late.Error.Code)

	id := uuid.New()
	sale := map[string]any{"attempt_id": sc.Pop.AttemptID, "code": "sale", "note": "=SUM(A1) <b>${SHELL(id)}</b>\r\nsecond line"}
	for range 3 { // a page that did not get the acknowledgement sends it again
		r, err := a.CommandID(w.ctx(), id, "dispose", sale)
		require.NoError(t, err)
		require.True(t, r.OK, "%+v", r.Error)
	}
	var n int
	require.NoError(t, w.db.QueryRow(w.ctx(), `SELECT count(*) FROM dispositions WHERE attempt_id = $1 AND code = 'sale'`, sc.Pop.AttemptID).Scan(&n))
	require.Equal(t, 1, n)
	a.see("ready again", ready)
	w.checkRecording(sc.Pop.AttemptID, customer, a.Tone)
	w.checkSwitchRecord()
}

// watch sends the first screen that has a pop.
func watch(t *testing.T, a *seat) <-chan agent.Screen {
	found := make(chan agent.Screen, 1)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	go func() {
		if sc, err := a.Await(ctx, func(sc agent.Screen) bool { return sc.Pop != nil }); err == nil {
			found <- sc
		}
	}()
	return found
}

// tone is what the customer at the number sings.
func tone(w *world, num string) float64 {
	w.t.Helper()
	in, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return in.Number == num && in.Tone > 0 })
	require.NoError(w.t, err)
	return in.Tone
}

func (w *world) checkRecording(attempt uuid.UUID, left, right float64) {
	w.t.Helper()
	w.eventually("the recording is stored", func(ctx context.Context) bool {
		_, err := w.admin.Recording(ctx, attempt)
		return err == nil
	})
	rec, err := w.admin.Recording(w.ctx(), attempt)
	require.NoError(w.t, err)
	body, err := w.admin.Audio(w.ctx(), attempt, 0)
	require.NoError(w.t, err)
	wav, err := io.ReadAll(body)
	require.NoError(w.t, err)
	require.NoError(w.t, body.Close())
	sum := sha256.Sum256(wav)
	require.Equal(w.t, rec.SHA256, hex.EncodeToString(sum[:]))
	pcm := wav[44:]
	require.Greater(w.t, len(pcm), 8000, "at least a quarter of a second")
	require.Greater(w.t, level(pcm, 0, left), 10*level(pcm, 0, right), "the customer is on the left")
	require.Greater(w.t, level(pcm, 1, right), 10*level(pcm, 1, left), "the agent is on the right")
	var audits int
	require.NoError(w.t, w.db.QueryRow(w.ctx(), `SELECT count(*) FROM audit WHERE action LIKE 'recording.%' AND object LIKE '%' || $1`, attempt.String()).Scan(&audits))
	require.NotZero(w.t, audits, "playing leaves an audit row (I15)")
}

// level is the strength of a frequency in one channel of stereo 8 kHz PCM, by the Goertzel algorithm.
func level(pcm []byte, channel int, hz float64) float64 {
	k := 2 * math.Cos(2*math.Pi*hz/8000)
	var s1, s2 float64
	for i := channel * 2; i+1 < len(pcm); i += 4 {
		s := float64(int16(binary.LittleEndian.Uint16(pcm[i:]))) + k*s1 - s2
		s1, s2 = s, s1
	}
	return math.Sqrt(s1*s1 + s2*s2 - k*s1*s2)
}

// inTime holds what a callee heard first against the law's two seconds. Both moments are those of the wire, as the carrier's own socket has
// them: from its 200 OK to the first packet with sound. Nothing is taken off for the measuring.
func inTime(t *testing.T, in carrier.Invite, what string) {
	t.Helper()
	took := in.Voice.Sub(in.Answered)
	t.Logf("from the answer to the first sound: %v", took.Round(time.Millisecond))
	require.Less(t, took, 2*time.Second, what)
}

// TestNoAgentInTimeMeansAMessage takes the only agent's phone away while the contact's phone rings.
func TestNoAgentInTimeMeansAMessage(t *testing.T) {
	num := number(1)
	w := newWorld(t, people{num: {Kind: carrier.Human, Ring: 3 * time.Second}})
	w.serve()
	c := w.campaign([]string{num}, nil)
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)
	_, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return !in.Ringing.IsZero() })
	require.NoError(t, err)
	a.Phone.SetAnswer(486)
	a.Phone.Hangup()

	in, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return !in.Ended.IsZero() })
	require.NoError(t, err)
	require.False(t, in.Voice.IsZero(), "he heard something")
	inTime(t, in, "within two seconds of his answer (I5)")
	w.settled()
	require.Equal(t, []lists.Outcome{lists.Abandoned}, w.outcomes()[num])
	w.checkMetrics("dialtide_calls_abandoned_total 1")
	sum, err := w.admin.Summary(w.ctx(), c.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, sum.Abandoned)
}

// TestAPauseWaitsForTheCallInFlight: an agent who wants to leave while a phone rings for him gets that call first.
func TestAPauseWaitsForTheCallInFlight(t *testing.T) {
	num := number(1)
	w := newWorld(t, people{num: {Kind: carrier.Human, Ring: 2 * time.Second, Talk: 2 * time.Second}})
	w.serve()
	c := w.campaign([]string{num}, nil)
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)
	_, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return !in.Ringing.IsZero() })
	require.NoError(t, err)
	a.do("not_ready", map[string]any{"reason": "break"})
	a.see("the call came all the same", talking)
	a.dispose("not_interested")
	sc := a.see("then the pause", func(sc agent.Screen) bool { return sc.State == agent.NotReady })
	require.Equal(t, "break", sc.Reason)
	w.settled()
	require.Equal(t, []lists.Outcome{lists.Connected}, w.outcomes()[num])
}

// TestAnAcknowledgedDNCStopsARingingCall: no new INVITE afterwards, and the one in flight is cancelled (I3).
func TestAnAcknowledgedDNCStopsARingingCall(t *testing.T) {
	num := number(1)
	w := newWorld(t, people{num: {Kind: carrier.NoAnswer}})
	w.serve()
	c := w.campaign([]string{num}, func(s *lists.Settings) {
		s.Recycle[lists.Cancelled] = lists.Recycle{After: 0, Limit: 10}
	})
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)
	_, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return !in.Ringing.IsZero() })
	require.NoError(t, err)
	_, err = w.admin.AddDNC(w.ctx(), client.NewDNC{Phone: num, Reason: "asked on another line"})
	require.NoError(t, err)
	acknowledged := time.Now()
	in, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return !in.Ended.IsZero() })
	require.NoError(t, err)
	require.Equal(t, 487, in.Status)
	w.eventually("the contact is excluded", func(ctx context.Context) bool {
		s, err := w.admin.Summary(ctx, c.ID)
		return err == nil && s.Excluded["dnc"] == 1
	})
	for _, in := range w.Carrier.Invites() {
		require.True(t, in.Arrived.Before(acknowledged))
	}
	require.Equal(t, []lists.Outcome{lists.Cancelled}, w.outcomes()[num])
}

// TestTwoCampaignsShareOneCap: two campaigns dial the same people, who are always busy, again at once. By the carrier's record
// none of them is called more often in any window than the rule of both allows (I2), and the third call comes when it may. Each
// campaign may call each of them twice, so that whoever was called a third time was called by both.
func TestTwoCampaignsShareOneCap(t *testing.T) {
	const window = 8 * time.Second
	who, nums := people{}, []string{number(1), number(2), number(3)}
	for _, n := range nums {
		who[n] = carrier.Behaviour{Kind: carrier.Busy}
	}
	w := newWorld(t, who)
	w.serve()
	first := w.campaign(nums, func(s *lists.Settings) {
		s.Cap = compliance.Cap{Max: 2, Window: compliance.Seconds(window / time.Second)}
		s.MaxAttempts = 2
		s.Recycle[lists.Busy] = lists.Recycle{After: 0, Limit: 50}
	})
	second, err := w.admin.CreateCampaign(w.ctx(), api.CampaignDraft{
		Name: "the same people", TrunkID: first.TrunkID, ListIDs: first.ListIDs, Settings: first.Settings,
	})
	require.NoError(t, err)
	for i, c := range []lists.Campaign{first, second} {
		w.agent(i + 1).work(c)
		w.status(c, lists.Running)
	}
	calls := map[string][]time.Time{}
	w.eventually("each was called a third time", func(context.Context) bool {
		clear(calls)
		for _, in := range w.Carrier.Invites() {
			calls[in.Number] = append(calls[in.Number], in.Arrived)
		}
		return !slices.ContainsFunc(nums, func(n string) bool { return len(calls[n]) < 3 })
	})
	const onItsWay = time.Second // from the permit, which is what the rule counts, to the carrier
	for n, at := range calls {
		for i := 2; i < len(at); i++ {
			require.Greater(t, at[i].Sub(at[i-2]), window-onItsWay, "%s was called at %v", n, at)
		}
	}
	var campaigns int
	require.NoError(t, w.db.QueryRow(w.ctx(), `SELECT count(DISTINCT campaign_id) FROM attempts`).Scan(&campaigns))
	require.Equal(t, 2, campaigns, "both dialled them")
}

// TestHostileValuesStayValues: what stands in a list is data, on the way to the switch and on the agent's screen.
func TestHostileValuesStayValues(t *testing.T) {
	num := number(2)
	w := newWorld(t, nil)
	w.serve()
	list, err := w.admin.CreateList(w.ctx(), "hostile", "US")
	require.NoError(t, err)
	mark := filepath.Join(w.Config.Spool, "executed") // the same path for the switch and for us
	evil := "${SHELL(touch " + mark + ")} `id` <img src=x onerror=alert(1)> =cmd|' /C calc'!A0"
	file := "phone,name,tariff\n" + num + ",\"" + evil + "\",\"a\r\nb\"\n${EXTEN},x,y\nLocal/1@default,x,y\n" + "+1206@trunk,x,y\n"
	up, err := w.admin.Import(w.ctx(), list.ID, "evil.csv", strings.NewReader(file))
	require.NoError(t, err)
	done, err := w.admin.WaitImport(w.ctx(), up.ID, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, done.Accepted)
	require.EqualValues(t, 3, done.Rejected)

	c := w.campaign([]string{number(60)}, nil)
	full, err := w.admin.Campaign(w.ctx(), c.ID)
	require.NoError(t, err)
	full.ListIDs = []uuid.UUID{list.ID}
	_, err = w.admin.UpdateCampaign(w.ctx(), full)
	require.NoError(t, err)
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)
	sc := a.see("talking", talking)
	require.Equal(t, evil, sc.Pop.Contact.Name)
	require.Equal(t, "a b", sc.Pop.Contact.Fields["tariff"], "no line ends inside a value")
	sc = a.see("wrap-up", wrapUp)
	a.do("dispose", map[string]any{"attempt_id": sc.Pop.AttemptID, "code": "not_interested", "note": evil})
	require.NoFileExists(t, mark, "nothing was executed")
	for _, in := range w.Carrier.Invites() {
		require.Equal(t, num, in.Number)
		require.Equal(t, "+12065550199", in.CallerID)
	}
}
