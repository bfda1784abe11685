package asterisk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
)

// recorded are events that Asterisk 22.10 sent.
func recorded(t testing.TB) [][]byte {
	t.Helper()
	data, err := os.ReadFile("testdata/events.jsonl")
	require.NoError(t, err)
	var lines [][]byte
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		lines = append(lines, bytes.Clone(s.Bytes()))
	}
	require.NotEmpty(t, lines)
	return lines
}

const recordedApp = "dialtide"

// TestDecodeAgreesWithARI compares with the library's decoder on what Asterisk really sends.
func TestDecodeAgreesWithARI(t *testing.T) {
	for _, line := range recorded(t) {
		got, err := decode(line, recordedApp)
		require.NoError(t, err)
		want, err := ari.DecodeEvent(line)
		require.NoError(t, err)
		switch e := want.(type) {
		case *ari.StasisStart:
			assert.Equal(t, stasisStart, got.Type)
			assert.Equal(t, e.Channel.ID, got.Channel.String())
			assert.Equal(t, verbOf(e.Args[0]), got.Verb)
			assert.Equal(t, e.Args[1], got.Subject.String())
			assert.Equal(t, kindOf(e.Channel.Accountcode, recordedApp), got.Kind)
		case *ari.Dial:
			assert.Equal(t, dialProgress, got.Type)
			assert.Equal(t, e.Peer.ID, got.Channel.String())
			assert.Equal(t, dialStatusOf([]byte(e.Dialstatus)), got.Status)
			assert.Equal(t, e.Peer.State == "Up", got.Up)
		case *ari.ChannelDestroyed:
			assert.Equal(t, channelDestroyed, got.Type)
			assert.Equal(t, e.Channel.ID, got.Channel.String())
			assert.Equal(t, e.Cause, got.Cause)
			assert.Equal(t, e.Channel.Dialplan.Context == contextMessage, got.Message)
		case *ari.ChannelEnteredBridge:
			assert.Equal(t, enteredBridge, got.Type)
			assert.Equal(t, e.Channel.ID, got.Channel.String())
			assert.Equal(t, e.Bridge.ID, got.Bridge.String())
		default:
			assert.Equal(t, otherEvent, got.Type, "%s", line)
		}
	}
}

func TestDecode(t *testing.T) {
	id, peer := uuid.MustParse("11111111-1111-4111-8111-111111111111"), "22222222-2222-4222-8222-222222222222"
	channel := func(account string) string {
		return `{"id":"` + id.String() + `","state":"Up","accountcode":"` + account + `","dialplan":{"context":"dialtide-out"}}`
	}
	for name, c := range map[string]struct {
		json string
		want fact
	}{
		"unknown type": {`{"type":"ChannelTransfer","application":"a","x":[{"y":null},1e5,true]}`, fact{}},
		"fields in any order": {
			`{"application":"a","channel":` + channel("a.customer") + `,"tech_cause":486, "cause" : 17 ,"type":"ChannelDestroyed"}`,
			fact{Type: channelDestroyed, Kind: customer, Channel: id, Up: true, Cause: 17, SIP: 486},
		},
		"AMD": {
			`{"type":"StasisStart","args":["amd","` + peer + `","MACHINE","x"],"channel":` + channel("") + `,"application":"a"}`,
			fact{Type: stasisStart, Verb: amdDone, Channel: id, Subject: uuid.MustParse(peer), AMD: dialer.Machine, Up: true},
		},
		"another application's": {
			`{"type":"StasisStart","args":["answered"],"channel":` + channel("a.customer") + `,"application":"b"}`,
			fact{Type: stasisStart, Channel: id, Up: true},
		},
		"another dialer's channel": {
			`{"type":"Dial","dialstatus":"RINGING","peer":` + channel("ab.customer") + `,"application":"a"}`,
			fact{Type: dialProgress, Status: rings, Channel: id, Up: true},
		},
		"an id that is not ours": {
			`{"type":"ChannelDestroyed","channel":{"id":"1795299551.7","accountcode":"a.agent"},"application":"a"}`,
			fact{Type: channelDestroyed, Kind: agentLeg},
		},
		"id with an escape": {`{"type":"Dial","peer":{"id":"\u0031"},"application":"a"}`, fact{Type: dialProgress}},
		"wrong kinds of values": {
			`{"type":"StasisStart","args":"x","channel":[1],"cause":"17","tech_cause":1.5,"application":"a"}`, fact{Type: stasisStart},
		},
		"message": {
			`{"type":"ChannelUserevent","channel":{"dialplan":{"context":"dialtide-message","priority":1}},"application":"a"}`,
			fact{Type: userEvent, Message: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decode([]byte(c.json), "a")
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	for _, broken := range []string{
		"", "x", "[]", `"a"`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1}x`, `{"type":"Dial`, `{"a":1 "b":2}`, `{"a":}`, `{a:1}`,
		strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100),
	} {
		_, err := decode([]byte(broken), "a")
		require.Error(t, err, "%q", broken)
	}
}

// FuzzDecode: no panic, and every JSON object is accepted with the type that encoding/json sees.
func FuzzDecode(f *testing.F) {
	for _, line := range recorded(f) {
		f.Add(line)
	}
	f.Add([]byte(`{"type":"StasisStart","args":["amd",null,{}],"cause":-1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decode(data, recordedApp)
		var want map[string]json.RawMessage
		if json.Unmarshal(data, &want) != nil || want == nil || bytes.Count(data, []byte("[")) > 20 || bytes.Count(data, []byte("{")) > 20 {
			return
		}
		require.NoError(t, err)
		var name string
		if bytes.ContainsRune(data, '\\') || bytes.Count(data, []byte(`"type"`)) != 1 || json.Unmarshal(want["type"], &name) != nil {
			return
		}
		assert.Equal(t, typeOf([]byte(name)), got.Type)
	})
}

// BenchmarkDecode is the event path from the message to the table, against the library's decoder.
func BenchmarkDecode(b *testing.B) {
	lines := recorded(b)
	b.Run("dialtide", func(b *testing.B) {
		var tab table
		tab.reset()
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			f, err := decode(lines[i%len(lines)], recordedApp)
			if err != nil {
				b.Fatal(err)
			}
			tab.apply(&f)
		}
	})
	b.Run("ari", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := ari.DecodeEvent(lines[i%len(lines)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
