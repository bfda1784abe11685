package asterisk

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
)

// TestACallersChannel: its id is Asterisk's, ours is made of it, the same at each event and in lists; nobody else's id is touched.
func TestACallersChannel(t *testing.T) {
	const name = "dialtide-1763800000.42"
	start := `{"type":"StasisStart","application":"dt","args":["inbound","+12065550199","+12065550101"],"channel":{"id":"` + name + `","state":"Ring","accountcode":"dt.inbound"}}`
	f, err := decode([]byte(start), "dt")
	require.NoError(t, err)
	id := inboundID([]byte(name))
	require.NotEqual(t, uuid.Nil, id)
	require.Equal(t, id, f.Channel)
	require.Equal(t, inboundLeg, f.Kind)

	var table table
	table.reset()
	s := table.apply(&f)
	require.Equal(t, 1, s.n)
	require.Equal(t, dialer.Inbound, s.events[0].Kind)
	require.Equal(t, id, s.events[0].Channel)
	require.Equal(t, "+12065550199", s.events[0].To)
	require.Equal(t, "+12065550101", s.events[0].From)
	require.Equal(t, name, table.nameOf(id))
	s = table.apply(&f)
	require.Zero(t, s.n, "he calls once")

	again := `{"type":"StasisStart","application":"dt","args":["answered","` + id.String() + `"],"channel":{"accountcode":"dt.inbound","id":"` + name + `","state":"Up"}}`
	f, err = decode([]byte(again), "dt")
	require.NoError(t, err)
	s = table.apply(&f)
	require.Equal(t, dialer.Answered, s.events[0].Kind)
	require.Equal(t, id, s.events[0].Channel)

	over := `{"type":"ChannelDestroyed","application":"dt","cause":16,"channel":{"id":"` + name + `","state":"Up","accountcode":"dt.inbound"}}`
	f, err = decode([]byte(over), "dt")
	require.NoError(t, err)
	s = table.apply(&f)
	require.Equal(t, dialer.Ended, s.events[0].Kind)
	require.Equal(t, id.String(), table.nameOf(id), "forgotten")

	for _, foreign := range []string{
		`{"type":"StasisStart","application":"dt","args":["inbound","+1","+2"],"channel":{"id":"` + name + `","accountcode":"other.inbound"}}`,
		`{"type":"StasisStart","application":"other","args":["inbound","+1","+2"],"channel":{"id":"` + name + `","accountcode":"dt.inbound"}}`,
		`{"type":"StasisStart","application":"dt","args":["inbound","+1","+2"],"channel":{"id":"` + name + `","accountcode":"dt.customer"}}`,
		`{"type":"StasisStart","application":"dt","args":["inbound","+1","+2"],"channel":{"id":"","accountcode":"dt.inbound"}}`,
	} {
		f, err := decode([]byte(foreign), "dt")
		require.NoError(t, err)
		s := table.apply(&f)
		require.Zero(t, s.n, foreign)
	}
	l := &holdings{}
	l.addChannels([]channelInfo{{ID: name, Name: "PJSIP/carrier-0001", State: "Up", AccountCode: "dt.inbound"}, {ID: "foreign-1.2", AccountCode: ""}}, "dt",
		map[string]uuid.UUID{name: holdID("dt")})
	require.Len(t, l.channels, 1)
	require.Equal(t, id, l.channels[0].ID)
	require.Equal(t, dialer.RoleCustomer, l.channels[0].Role)
	require.True(t, l.channels[0].Held)
}
