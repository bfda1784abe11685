package api

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// audit writes an audit row of the signed-in user. Callers do so before the act takes effect: an act that could not be
// written down does not happen.
func (s *Server) audit(ctx context.Context, action, object, id string, detail map[string]any) error {
	return s.auditAs(ctx, userOf(ctx).ID, action, object, id, detail)
}

func (s *Server) auditAs(ctx context.Context, actor uuid.UUID, action, object, id string, detail map[string]any) error {
	all := map[string]any{"request": requestOf(ctx).id}
	for k, v := range detail {
		all[k] = v
	}
	return s.opts.Store.Audit(ctx, actor, action, object+":"+id, all)
}

type auditsInput struct {
	Before int64 `query:"before" minimum:"0" doc:"only rows with a lower id: the next page"`
	Limit  int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) audits(ctx context.Context, in *auditsInput) (*body[page[lists.AuditEntry]], error) {
	entries, err := s.opts.Store.AuditLog(ctx, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(entries), nil
}

// AuditCheck is what a check of the audit log's hash chain found.
type AuditCheck struct {
	Sound   bool   `json:"sound"`
	Entries int64  `json:"entries" doc:"rows that were found in order"`
	BadRow  int64  `json:"bad_row,omitempty" doc:"the first row that does not fit; missing when rows are gone from the end"`
	Why     string `json:"why,omitempty"`
}

// checkAudit reads the whole log; a broken chain is an answer, not an error.
func (s *Server) checkAudit(ctx context.Context, _ *struct{}) (*body[AuditCheck], error) {
	n, err := s.opts.Store.VerifyAudit(ctx)
	var broken *lists.AuditError
	if errors.As(err, &broken) {
		return &body[AuditCheck]{AuditCheck{Entries: n, BadRow: broken.ID, Why: broken.Why}}, nil
	}
	if err != nil {
		return nil, err
	}
	return &body[AuditCheck]{AuditCheck{Sound: true, Entries: n}}, nil
}
