package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func messageRoutes() []route {
	sup, own := only(Supervisor), only(Agent)
	return []route{
		{method: "POST", path: "/api/desk/messages", id: "send-to-supervisors", tag: "Messages", summary: "Write to the supervisors", access: own, status: 201, errors: []int{422}, serve: op((*Server).postOwnMessage)},
		{method: "POST", path: "/api/desk/messages/read", id: "read-messages", tag: "Messages", summary: "I have read these messages", access: own, serve: op((*Server).postRead)},
		{method: "GET", path: "/api/chats", id: "list-chats", tag: "Messages", summary: "Agents' threads of the last days, newest first, and how far I have read each", access: sup, serve: op((*Server).chats)},
		{method: "GET", path: "/api/chats/{id}", id: "get-chat", tag: "Messages", summary: "An agent's thread with notes on his calls, oldest first", access: sup, serve: op((*Server).chat)},
		{method: "POST", path: "/api/chats/{id}", id: "send-to-agent", tag: "Messages", summary: "Write to an agent", access: sup, status: 201, errors: []int{404, 422}, serve: op((*Server).postChat)},
		{method: "POST", path: "/api/chats/{id}/seen", id: "see-chat", tag: "Messages", summary: "I have read an agent's thread up to a number", access: sup, serve: op((*Server).postSeen)},
		{method: "GET", path: "/api/notices", id: "list-notices", tag: "Messages", summary: "Messages to many, newest first, and how many have read them", access: sup, serve: op((*Server).notices)},
		{method: "POST", path: "/api/notices", id: "send-notice", tag: "Messages", summary: "Write to the agents of a campaign, of a team, or to all, until it expires; leaves an audit row", access: sup, status: 201, errors: []int{422}, serve: op((*Server).postNotice)},
		{method: "GET", path: "/api/notices/{id}/receipts", id: "list-receipts", tag: "Messages", summary: "To whom a notice was shown, and who has read it", access: sup, serve: op((*Server).receipts)},
		{method: "DELETE", path: "/api/notices/{id}", id: "end-notice", tag: "Messages", summary: "Take a notice back; leaves an audit row", access: sup, errors: []int{404, 409}, serve: op((*Server).deleteNotice)},
		{method: "GET", path: "/api/coaching", id: "list-coaching", tag: "Messages", summary: "Coaching notes on a call or an agent, newest first; agents get their own", access: only(Agent, Supervisor), serve: op((*Server).coaching)},
		{method: "POST", path: "/api/coaching", id: "send-coaching", tag: "Messages", summary: "Write a note on a call to its agent; leaves an audit row", access: sup, status: 201, errors: []int{404, 422}, serve: op((*Server).postCoaching)},
	}
}

// Words are what somebody writes.
type Words struct {
	ID   uuid.UUID `json:"id" format:"uuid" doc:"made by the caller; the same id again is the same message"`
	Body string    `json:"body" minLength:"1" maxLength:"1000" doc:"plain text"`
}

func (s *Server) send(ctx context.Context, m lists.NewMessage) (*body[lists.Message], error) {
	m.From = userOf(ctx).ID
	sent, to, err := s.opts.Store.Send(ctx, m)
	if err != nil {
		return nil, err
	}
	s.helpline.sent(ctx, sent, to)
	return &body[lists.Message]{sent}, nil
}

type wordsInput struct{ Body Words }

func (s *Server) postOwnMessage(ctx context.Context, in *wordsInput) (*body[lists.Message], error) {
	return s.send(ctx, lists.NewMessage{ID: in.Body.ID, Kind: lists.MessageChat, Agent: userOf(ctx).ID, Body: in.Body.Body})
}

type readInput struct {
	Body struct {
		IDs []uuid.UUID `json:"ids" minItems:"1" maxItems:"100" nullable:"false"`
	}
}

func (s *Server) postRead(ctx context.Context, in *readInput) (*struct{}, error) {
	u := userOf(ctx).ID
	if err := s.opts.Store.MarkRead(ctx, u, in.Body.IDs); err != nil {
		return nil, err
	}
	s.helpline.showMessages(ctx, []uuid.UUID{u})
	return nil, nil
}

// Chats are agents' threads and how far the caller has read them.
type Chats struct {
	Items []lists.Thread      `json:"items" nullable:"false"`
	Seen  map[uuid.UUID]int64 `json:"seen" doc:"by agent: number of the newest message of his that the caller has read"`
}

const chatsBack = 7 * 24 * time.Hour

func (s *Server) chats(ctx context.Context, _ *struct{}) (*body[Chats], error) {
	since := s.opts.Now().Add(-chatsBack)
	found, err := s.opts.Store.Threads(ctx, nil, since)
	if err != nil {
		return nil, err
	}
	seen, err := s.opts.Store.SeenThreads(ctx, userOf(ctx).ID, since)
	if err != nil {
		return nil, err
	}
	if found == nil {
		found = []lists.Thread{}
	}
	return &body[Chats]{Chats{found, seen}}, nil
}

type chatInput struct {
	ByID
	Before int64 `query:"before" minimum:"0" doc:"only messages with a lower seq: the page before"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) chat(ctx context.Context, in *chatInput) (*body[page[lists.Message]], error) {
	found, err := s.opts.Store.ThreadMessages(ctx, in.ID, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type postChatInput struct {
	ByID
	Body Words
}

func (s *Server) postChat(ctx context.Context, in *postChatInput) (*body[lists.Message], error) {
	return s.send(ctx, lists.NewMessage{ID: in.Body.ID, Kind: lists.MessageChat, Agent: in.ID, Body: in.Body.Body})
}

type seenInput struct {
	ByID
	Body struct {
		Seq int64 `json:"seq" minimum:"0"`
	}
}

func (s *Server) postSeen(ctx context.Context, in *seenInput) (*struct{}, error) {
	if err := s.opts.Store.SeeThread(ctx, userOf(ctx).ID, in.ID, in.Body.Seq); err != nil {
		return nil, err
	}
	s.helpline.showMessages(ctx, []uuid.UUID{in.ID})
	return nil, nil
}

type pageInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) notices(ctx context.Context, in *pageInput) (*body[page[lists.Notice]], error) {
	found, err := s.opts.Store.Notices(ctx, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type noticeInput struct {
	Body struct {
		Words
		Audience   string    `json:"audience" enum:"campaign,team,all"`
		AudienceID uuid.UUID `json:"audience_id,omitempty" format:"uuid" doc:"the campaign or team"`
		Minutes    int       `json:"minutes" minimum:"1" maximum:"44640" doc:"how long it is shown, also to those who log in later"`
	}
}

func (s *Server) postNotice(ctx context.Context, in *noticeInput) (*body[lists.Message], error) {
	b := in.Body
	detail := map[string]any{"audience": b.Audience, "audience_id": b.AudienceID, "minutes": b.Minutes, "body": b.Body}
	if err := s.audit(ctx, "notice.send", "notice", b.ID.String(), detail); err != nil {
		return nil, err
	}
	return s.send(ctx, lists.NewMessage{ID: b.ID, Kind: lists.MessageNotice, Audience: b.Audience, AudienceID: b.AudienceID, For: time.Duration(b.Minutes) * time.Minute, Body: b.Body})
}

func (s *Server) receipts(ctx context.Context, in *ByID) (*body[page[lists.Receipt]], error) {
	found, err := s.opts.Store.Receipts(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

func (s *Server) deleteNotice(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "notice.end", "notice", in.ID.String(), nil); err != nil {
		return nil, err
	}
	shown, err := s.opts.Store.EndNotice(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	s.helpline.showMessages(ctx, shown)
	return nil, nil
}

type coachingInput struct {
	Attempt uuid.UUID `query:"attempt_id" format:"uuid"`
	Agent   uuid.UUID `query:"agent_id" format:"uuid" doc:"agents always get their own"`
	Limit   int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) coaching(ctx context.Context, in *coachingInput) (*body[page[lists.Message]], error) {
	if u := userOf(ctx); u.Role == Agent {
		in.Agent = u.ID
	}
	found, err := s.opts.Store.CoachingNotes(ctx, in.Attempt, in.Agent, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type postCoachingInput struct {
	Body struct {
		Words
		Attempt uuid.UUID `json:"attempt_id" format:"uuid"`
	}
}

func (s *Server) postCoaching(ctx context.Context, in *postCoachingInput) (*body[lists.Message], error) {
	if err := s.audit(ctx, "coaching.send", "attempt", in.Body.Attempt.String(), map[string]any{"message": in.Body.ID}); err != nil {
		return nil, err
	}
	return s.send(ctx, lists.NewMessage{ID: in.Body.ID, Kind: lists.MessageCoaching, Attempt: in.Body.Attempt, Body: in.Body.Body})
}
