package api

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api/alert"
	"github.com/dialtide/dialtide/api/stream"
)

// topics of the stream, and who may read them.
func canSee(u User) func(topic string) bool {
	return func(topic string) bool {
		switch u.Role {
		case Agent:
			return topic == agentTopic(u.ID)
		case Supervisor:
			return topic == "board" || topic == helpTopic || topic == alert.Topic || isAgentTopic(topic) || topic == WatchTopic(u.ID)
		case ListManager:
			return topic == "board" || topic == importsTopic || topic == registriesTopic
		case Admin:
			return topic == "board" || topic == helpTopic || topic == importsTopic || topic == registriesTopic || topic == alert.Topic || isAgentTopic(topic) || topic == WatchTopic(u.ID)
		}
		return false
	}
}

func agentTopic(id uuid.UUID) string { return "agent:" + id.String() }

// WatchTopic is where a supervisor sees what his own phone is beside.
func WatchTopic(supervisor uuid.UUID) string { return "watch:" + supervisor.String() }

func isAgentTopic(topic string) bool {
	id, ok := strings.CutPrefix(topic, "agent:")
	if !ok {
		return false
	}
	parsed, err := uuid.Parse(id)
	return err == nil && agentTopic(parsed) == topic
}

// stream upgrades to the WebSocket that api/stream documents. The session's cookie authenticates it; a browser that calls
// from another origin is refused before anything else happens; the Hub alone knows which may.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	if !s.opts.Hub.OriginAllowed(r) {
		writeProblem(w, r, newProblem(http.StatusForbidden, "cross_origin", "the request came from a page of another origin"))
		return
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		w.Header().Set("Upgrade", "websocket")
		writeProblem(w, r, newProblem(http.StatusUpgradeRequired, "upgrade_required", "this is a WebSocket: connect with one"))
		return
	}
	req := requestOf(r.Context())
	user := *req.user
	conn := &hijacked{ResponseWriter: w}
	k := &socket{user: user.ID, token: req.token, cut: conn.close}
	client := stream.Client{
		UserID: user.ID, CanSee: canSee(user), OnCommand: s.commandsOf(user),
		OnOpen: func() { s.opened(k, user) }, OnClose: func() { s.sockets.remove(k) },
	}
	s.opts.Hub.Serve(conn, r, client)
}

// opened notes a new socket, and has an agent shown what was written to him.
func (s *Server) opened(k *socket, u User) {
	s.sockets.add(k)
	if u.Role == Agent {
		s.helpline.opened(u.ID)
	}
}

// commandsOf says what a user's commands do: agents' go to their desk, others have none.
func (s *Server) commandsOf(u User) func(context.Context, stream.Command) stream.Reply {
	if u.Role != Agent {
		return func(context.Context, stream.Command) stream.Reply {
			return stream.Reply{Error: &stream.CommandError{Code: "forbidden", Message: "only agents have commands"}}
		}
	}
	return func(ctx context.Context, c stream.Command) stream.Reply {
		r := s.opts.Desk.Do(ctx, u.ID, agent.Command{ID: c.ID, Name: c.Name, Data: c.Data})
		reply := stream.Reply{OK: r.OK, Data: r.Data}
		if r.Error != nil {
			reply.Error = &stream.CommandError{Code: r.Error.Code, Message: r.Error.Message, Field: r.Error.Field}
		}
		return reply
	}
}

// hijacked remembers the connection that the WebSocket took over, so that it can be closed with its session.
type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

// Hijack is called by the upgrade, before the socket is registered and so before close can be.
func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.conn = conn
	return conn, rw, err
}

func (h *hijacked) close() { _ = h.conn.Close() }

func documentStream(_ *Server, o *huma.Operation) {
	o.Description = "WebSocket, authenticated by the session's cookie. Client: `hello` with topics, `command` with an id of its own. " +
		"Server: `snapshot`, `delta`, `ack`, `error`. Topics: `agent:<user id>` (the agent's screen, his messages and his request for help), `watch:<user id>` (what the supervisor's phone is beside), `board`, `alerts` and `help` (requests for help and threads, for supervisors), `imports`, `registries` (loads of them)."
	o.Responses = map[string]*huma.Response{"101": {Description: "Switching Protocols"}}
}
