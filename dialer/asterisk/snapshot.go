package asterisk

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

// channelInfo is a channel in a list. ari.ChannelData has no application in its dialplan position, and that tells whether
// the channel is ours to bridge.
type channelInfo struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	State       string       `json:"state"`
	AccountCode string       `json:"accountcode"`
	Created     ari.DateTime `json:"creationtime"`
	Dialplan    struct {
		Context string `json:"context"`
		App     string `json:"app_name"`
		Data    string `json:"app_data"`
	} `json:"dialplan"`
}

// listed is one of our channels in the lists.
type listed struct {
	dialer.ChannelState
	kind    kind
	verb    verb
	subject uuid.UUID
	amd     dialer.AMD
	ringing bool
	message bool   // in the dialplan of the message
	name    string // Asterisk's id
}

// holdings are what the switch holds, ours only.
type holdings struct {
	bootID   string
	booted   time.Time
	channels []listed
	sessions []uuid.UUID // bridges of agents' sessions
	empty    []uuid.UUID // bridges of ours in which nobody is
}

// Snapshot lists what the switch holds now. Unlike the one in a Resync event it is not matched with the events: one that
// tells the same may follow it.
func (a *Adapter) Snapshot(ctx context.Context) (dialer.Snapshot, error) {
	l, err := a.holdings(ctx)
	if err != nil {
		return dialer.Snapshot{}, err
	}
	return l.snapshot(), nil
}

func (l *holdings) snapshot() dialer.Snapshot {
	s := dialer.Snapshot{BootID: l.bootID, Booted: l.booted, Bridges: l.sessions}
	for _, c := range l.channels {
		s.Channels = append(s.Channels, c.ChannelState)
	}
	return s
}

func (a *Adapter) holdings(ctx context.Context) (*holdings, error) {
	var info ari.AsteriskInfo
	var channels []channelInfo
	var bridges []ari.BridgeData
	for _, get := range []struct {
		path string
		out  any
	}{{"/asterisk/info", &info}, {"/bridges", &bridges}, {"/channels", &channels}} {
		if err := a.do(ctx, call{op: "list", method: http.MethodGet, path: get.path}, get.out); err != nil {
			return nil, err
		}
	}
	booted := time.Time(info.StatusInfo.StartupTime)
	l := &holdings{
		bootID: info.SystemInfo.EntityID + "/" + booted.UTC().Format(time.RFC3339Nano), booted: booted,
	}
	in := l.addBridges(bridges, a.cfg.App)
	l.addChannels(channels, a.cfg.App, in)
	return l, nil
}

// Names of our bridges: APP.session and so on.
const (
	sessionBridge = ".session"
	watchBridge   = ".watch" // a supervisor's phone, with a snoop or a customer
	holdBridge    = ".hold"  // all customers who hear music
	roomBridge    = ".room"  // an outside number and whom it talks with
)

func (l *holdings) addBridges(bridges []ari.BridgeData, app string) (in map[string]uuid.UUID) {
	in = make(map[string]uuid.UUID)
	for _, b := range bridges {
		id := parseID([]byte(b.ID))
		kind, ours := strings.CutPrefix(b.Name, app)
		if id == uuid.Nil || !ours || !slices.Contains([]string{sessionBridge, watchBridge, holdBridge, roomBridge}, kind) {
			continue
		}
		for _, c := range b.ChannelIDs {
			in[c] = id
		}
		if b.Name == app+sessionBridge {
			l.sessions = append(l.sessions, id)
		}
		if len(b.ChannelIDs) == 0 && kind != holdBridge {
			l.empty = append(l.empty, id)
		}
	}
	return in
}

func (l *holdings) addChannels(channels []channelInfo, app string, in map[string]uuid.UUID) {
	ours := make(map[string]kind)
	for _, c := range channels {
		if k := kindOf(c.AccountCode, app); k != foreign && !strings.HasPrefix(c.Name, snoopName) {
			ours[c.ID] = k
		}
	}
	for _, c := range channels {
		id := parseID([]byte(c.ID))
		if id == uuid.Nil && ours[c.ID].comes() {
			id = inboundID([]byte(c.ID))
		}
		if id == uuid.Nil {
			continue
		}
		item := listed{name: c.ID, kind: ours[c.ID], message: c.Dialplan.Context == contextMessage, ringing: c.State == "Ringing"}
		data, inApp := strings.CutPrefix(c.Dialplan.Data, app+",")
		inApp = inApp && c.Dialplan.App == "Stasis"
		if inApp {
			item.read(strings.Split(data, ","))
		}
		if item.kind == foreign && !item.snoop(c, ours) {
			continue
		}
		item.ChannelState = dialer.ChannelState{
			ID: id, Up: c.State == "Up", InApp: inApp, Bridge: in[c.ID],
			Created: time.Time(c.Created), Role: item.kind.role(), Held: in[c.ID] == holdID(app),
		}
		l.channels = append(l.channels, item)
	}
}

// read takes the application's arguments.
func (i *listed) read(args []string) {
	i.verb = verbOf(args[0])
	if len(args) > 1 {
		i.subject = parseID([]byte(args[1]))
	}
	if len(args) > 2 {
		i.amd = amdOf(args[2])
	}
}

// snoopName begins the names of snoops. Their account codes are those of whom they were bridged with.
const snoopName = "Snoop/"

// snoop says whether c listens to one of ours. Its name is Snoop/ID-NUMBER, with the id of what it listens to.
func (i *listed) snoop(c channelInfo, ours map[string]kind) bool {
	spied, ok := strings.CutPrefix(c.Name, snoopName)
	if !ok || len(spied) < 36 {
		return false
	}
	parent, known := ours[spied[:36]]
	switch {
	case i.verb == watch:
		i.kind = watchSnoop
	case i.verb == screen, i.verb == amdDone:
		i.kind = screenSnoop
	case known && parent == agentLeg:
		i.kind = watchSnoop
	case known && c.ID == derived(parseID([]byte(spied[:36])), forScreen).String():
		i.kind, i.subject = screenSnoop, parseID([]byte(spied[:36]))
	default:
		return false
	}
	return true
}
