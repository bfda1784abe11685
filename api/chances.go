package api

import (
	"context"

	"github.com/dialtide/dialtide/lists"
)

func chanceRoutes() []route {
	return []route{
		{method: "GET", path: "/api/campaigns/{id}/chances", id: "get-campaign-chances", tag: "Campaigns", summary: "How good the chances of an answer are that the campaign dials by: given against came, with the Brier score", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).chances)},
	}
}

// chances are those of the campaign alone; nothing learned yet is no error.
func (s *Server) chances(ctx context.Context, in *ByID) (*body[lists.ChanceReport], error) {
	if _, err := s.opts.Store.Campaign(ctx, in.ID); err != nil {
		return nil, err
	}
	r, err := s.opts.Store.ChanceReport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.ChanceReport]{r}, nil
}
