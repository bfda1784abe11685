package asterisk

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
)

// TestASnoopsAccountCode: in a bridge a snoop gets the account code of somebody else; it stays a snoop, in lists and in events.
func TestASnoopsAccountCode(t *testing.T) {
	agent, boss, snoop := uuid.New(), uuid.New(), uuid.New()
	name := "Snoop/" + agent.String() + "-0000001c"
	item := channelInfo{ID: snoop.String(), Name: name, State: "Up", AccountCode: "dt.agent"}
	item.Dialplan.App, item.Dialplan.Data = "Stasis", "dt,watch,"+boss.String()
	l := &holdings{}
	l.addChannels([]channelInfo{item, {ID: agent.String(), Name: "PJSIP/a-1", State: "Up", AccountCode: "dt.agent"}}, "dt", nil)
	require.Len(t, l.channels, 2)
	require.Equal(t, dialer.RoleSnoop, l.channels[0].Role)
	require.Equal(t, watchSnoop, l.channels[0].kind)
	require.Equal(t, boss, l.channels[0].subject)
	f, err := decode([]byte(`{"type":"ChannelEnteredBridge","application":"dt","bridge":{"id":"`+boss.String()+`"},"channel":{"id":"`+snoop.String()+`","name":"`+name+`","state":"Up","accountcode":"dt.agent"}}`), "dt")
	require.NoError(t, err)
	require.Equal(t, foreign, f.Kind)
	require.Equal(t, snoop, f.Channel)
}

// TestASupervisorsCall: what he dialled and who he is come from the dialplan's arguments, his keys from his own channel.
func TestASupervisorsCall(t *testing.T) {
	const name = "dialtide-1763800000.43"
	apply := func(tab *table, text string) step {
		t.Helper()
		f, err := decode([]byte(text), "dt")
		require.NoError(t, err)
		return tab.apply(&f)
	}
	channel := `"channel":{"id":"` + name + `","name":"PJSIP/boss-1-1","state":"Ring","accountcode":"dt.supervisor-calls"}`
	var tab table
	tab.reset()
	s := apply(&tab, `{"type":"StasisStart","application":"dt","args":["called","81101","boss-1"],`+channel+`}`)
	id := inboundID([]byte(name))
	require.Equal(t, 1, s.n)
	require.Equal(t, dialer.Event{Kind: dialer.Called, Channel: id, To: "81101", From: "boss-1"}, s.events[0])
	require.Equal(t, name, tab.nameOf(id))
	s = apply(&tab, `{"type":"ChannelEnteredBridge","application":"dt","bridge":{"id":"`+id.String()+`"},`+channel+`}`)
	require.Equal(t, dialer.LegUp, s.events[0].Kind)
	s = apply(&tab, `{"type":"ChannelDtmfReceived","application":"dt","digit":"#","duration_ms":100,`+channel+`}`)
	require.Equal(t, dialer.Event{Kind: dialer.Key, Channel: id, Key: '#'}, s.events[0])
	s = apply(&tab, `{"type":"ChannelDtmfReceived","application":"dt","digit":"5","channel":{"id":"`+uuid.NewString()+`","accountcode":"dt.customer"}}`)
	require.Zero(t, s.n, "keys of others are not ours")
	snoop := uuid.New()
	require.True(t, tab.expect(snoop, spying(id)))
	s = apply(&tab, `{"type":"ChannelDestroyed","application":"dt","cause":16,`+channel+`}`)
	require.Equal(t, dialer.Ended, s.events[0].Kind)
	require.Equal(t, unwatch, s.task.do)
	require.Equal(t, []uuid.UUID{snoop}, s.task.also)
	s = apply(&tab, `{"type":"StasisStart","application":"dt","args":["called","81101","boss-1"],"channel":{"id":"`+name+`","accountcode":"dt.customer"}}`)
	require.Zero(t, s.n, "the account code is the dialplan's word")
}
