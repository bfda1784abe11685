package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// orderStatus says how far the order is that a campaign's settings ask for.
func (s *Server) orderStatus(ctx context.Context, in *ByID) (*body[lists.OrderStatus], error) {
	o, err := s.opts.Store.OrderStatus(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.OrderStatus]{o}, nil
}

// assignments are the lists of a campaign that are for some agents only, with their progress.
func (s *Server) assignments(ctx context.Context, in *ByID) (*body[page[lists.AssignmentStatus]], error) {
	all, err := s.opts.Store.Assignments(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

// CampaignList is the path of a list in a campaign. It is exported because huma looks into embedded structs only when they are.
type CampaignList struct {
	ByID
	List uuid.UUID `path:"list_id" format:"uuid"`
}

type assignmentInput struct {
	CampaignList
	Body struct {
		Agents []uuid.UUID `json:"agents" nullable:"false" maxItems:"500" doc:"ids of users"`
		Teams  []uuid.UUID `json:"teams" nullable:"false" maxItems:"500" doc:"their members, as they are at the time of a call"`
		State  string      `json:"state,omitempty" enum:"open,paused" default:"open" doc:"paused: nobody calls the list in this campaign"`
	}
}

func (s *Server) putAssignment(ctx context.Context, in *assignmentInput) (*body[lists.Assignment], error) {
	if err := s.audit(ctx, "campaign.assign", "campaign", in.ID.String(), map[string]any{"list": in.List, "to": in.Body}); err != nil {
		return nil, err
	}
	a, err := s.opts.Store.Assign(ctx, lists.Assignment{Campaign: in.ID, List: in.List, Agents: in.Body.Agents, Teams: in.Body.Teams, State: in.Body.State}, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(in.ID)
	return &body[lists.Assignment]{a}, nil
}

func (s *Server) deleteAssignment(ctx context.Context, in *CampaignList) (*struct{}, error) {
	if err := s.audit(ctx, "campaign.unassign", "campaign", in.ID.String(), map[string]any{"list": in.List}); err != nil {
		return nil, err
	}
	if err := s.opts.Store.Unassign(ctx, in.ID, in.List); err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(in.ID)
	return nil, nil
}

// UserName is as much of an account as it takes to choose somebody, or to tell who did something.
type UserName struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Role     Role      `json:"role" enum:"agent,supervisor,list_manager,admin"`
	Disabled bool      `json:"disabled"`
}

func (s *Server) userNames(ctx context.Context, _ *struct{}) (*body[page[UserName]], error) {
	users, err := allUsers(ctx, s.opts.Pool)
	if err != nil {
		return nil, err
	}
	out := make([]UserName, len(users))
	for i, u := range users {
		out[i] = UserName{u.ID, u.Name, u.Role, u.Disabled}
	}
	return items(out), nil
}

func (s *Server) teams(ctx context.Context, _ *struct{}) (*body[page[lists.Team]], error) {
	all, err := s.opts.Store.Teams(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

// TeamDraft is what a manager decides about a team.
type TeamDraft struct {
	Name    string      `json:"name" minLength:"1" maxLength:"80"`
	Members []uuid.UUID `json:"members" nullable:"false" maxItems:"500" doc:"ids of users"`
}

type newTeamInput struct{ Body TeamDraft }

func (s *Server) postTeam(ctx context.Context, in *newTeamInput) (*body[lists.Team], error) {
	return s.saveTeam(ctx, uuid.Nil, in.Body)
}

type teamInput struct {
	ByID
	Body TeamDraft
}

func (s *Server) putTeam(ctx context.Context, in *teamInput) (*body[lists.Team], error) {
	return s.saveTeam(ctx, in.ID, in.Body)
}

func (s *Server) saveTeam(ctx context.Context, id uuid.UUID, d TeamDraft) (*body[lists.Team], error) {
	if err := s.audit(ctx, "team.save", "team", d.Name, map[string]any{"id": id, "members": d.Members}); err != nil {
		return nil, err
	}
	t, err := s.opts.Store.PutTeam(ctx, lists.Team{ID: id, Name: d.Name, Members: d.Members})
	if err != nil {
		return nil, err
	}
	return &body[lists.Team]{t}, nil
}

func (s *Server) deleteTeam(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "team.delete", "team", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.opts.Store.DeleteTeam(ctx, in.ID)
}

func assignRoutes() []route {
	return []route{
		{method: "GET", path: "/api/campaigns/{id}/order", id: "get-campaign-order", tag: "Campaigns", summary: "How far the order is that the campaign takes its contacts in", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).orderStatus)},
		{method: "GET", path: "/api/campaigns/{id}/assignments", id: "list-assignments", tag: "Campaigns", summary: "Lists of the campaign that are assigned to agents or teams, and how far they are", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).assignments)},
		{method: "PUT", path: "/api/campaigns/{id}/assignments/{list_id}", id: "put-assignment", tag: "Campaigns", summary: "Assign a list of the campaign to agents or teams", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).putAssignment)},
		{method: "DELETE", path: "/api/campaigns/{id}/assignments/{list_id}", id: "delete-assignment", tag: "Campaigns", summary: "Give a list back to all agents of the campaign", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).deleteAssignment)},
		{method: "GET", path: "/api/campaigns/{id}/segment-assignments", id: "list-segment-assignments", tag: "Campaigns", summary: "Segments of the campaign that are assigned to agents or teams, and how far they are", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).segmentAssignments)},
		{method: "PUT", path: "/api/campaigns/{id}/segment-assignments/{segment_id}", id: "put-segment-assignment", tag: "Campaigns", summary: "Assign a segment of the campaign's contacts to agents or teams", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).putSegmentAssignment)},
		{method: "DELETE", path: "/api/campaigns/{id}/segment-assignments/{segment_id}", id: "delete-segment-assignment", tag: "Campaigns", summary: "Give the contacts of a segment back to all agents of the campaign", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).deleteSegmentAssignment)},
		{method: "GET", path: "/api/user-names", id: "list-user-names", tag: "Teams", summary: "Names and roles of all accounts, to choose agents by", access: only(ListManager, Supervisor), serve: op((*Server).userNames)},
		{method: "GET", path: "/api/teams", id: "list-teams", tag: "Teams", summary: "All teams with their members", access: only(ListManager, Supervisor), serve: op((*Server).teams)},
		{method: "POST", path: "/api/teams", id: "create-team", tag: "Teams", summary: "Make a team", access: only(Supervisor), status: 201, errors: []int{409}, serve: op((*Server).postTeam)},
		{method: "PUT", path: "/api/teams/{id}", id: "update-team", tag: "Teams", summary: "Change the name and the members of a team", access: only(Supervisor), errors: []int{404, 409}, serve: op((*Server).putTeam)},
		{method: "DELETE", path: "/api/teams/{id}", id: "delete-team", tag: "Teams", summary: "Delete a team that no list is assigned to", access: only(Supervisor), errors: []int{404}, serve: op((*Server).deleteTeam)},
	}
}
