package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func saleRoutes() []route {
	who, manage := only(Agent, Supervisor, ListManager), only(Supervisor, ListManager)
	return []route{
		{method: "GET", path: "/api/sale-stages", id: "list-sale-stages", tag: "Sales", summary: "Stages of sales in their order: a campaign's own ones, or the common ones", access: who, serve: op((*Server).saleStages)},
		{method: "PUT", path: "/api/sale-stages", id: "set-sale-stages", tag: "Sales", summary: "Set the stages of a campaign's sales, or the common ones; what stands in one that is left out stays there; leaves an audit row", access: manage, errors: []int{404, 422}, serve: op((*Server).putSaleStages)},
		{method: "GET", path: "/api/sales", id: "list-sales", tag: "Sales", summary: "Sales, newest first; agents get their own: made or owned by them, or by their calls", access: who, serve: op((*Server).sales)},
		{method: "GET", path: "/api/sales/sums", id: "sum-sales", tag: "Sales", summary: "Sales by stage and currency", access: who, serve: op((*Server).saleSums)},
		{method: "GET", path: "/api/sales/export", id: "export-sales", tag: "Sales", summary: "All sales as CSV or XLSX; leaves an audit row first", access: manage, timeout: -1, errors: []int{422}, serve: raw((*Server).exportSales, documentSales)},
		{method: "POST", path: "/api/sales", id: "create-sale", tag: "Sales", summary: "Note a sale that a call made; agents: a call of theirs", access: who, status: 201, errors: []int{404, 422}, serve: op((*Server).postSale)},
		{method: "GET", path: "/api/sales/{id}", id: "get-sale", tag: "Sales", summary: "One sale with what became of it", access: who, errors: []int{404}, serve: op((*Server).sale)},
		{method: "PUT", path: "/api/sales/{id}", id: "update-sale", tag: "Sales", summary: "Change a sale; the revision must be the newest, and a change of stage or amount is appended to its history", access: who, errors: []int{404, 409, 422}, serve: op((*Server).putSale)},
	}
}

// agentOf is the signed-in user when he is an agent, who sees his own only; zero for others.
func agentOf(ctx context.Context) uuid.UUID {
	if u := userOf(ctx); u.Role == Agent {
		return u.ID
	}
	return uuid.Nil
}

// CampaignQuery narrows to a campaign. It is exported because huma looks into embedded structs only when they are.
type CampaignQuery struct {
	Campaign uuid.UUID `query:"campaign_id" format:"uuid"`
}

func (s *Server) saleStages(ctx context.Context, in *CampaignQuery) (*body[page[lists.SaleStage]], error) {
	found, err := s.opts.Store.SaleStages(ctx, in.Campaign)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type putStagesInput struct {
	CampaignQuery
	Body struct {
		Stages []lists.SaleStage `json:"stages" maxItems:"20" nullable:"false" doc:"in their order; none: the campaign takes the common ones"`
	}
}

func (s *Server) putSaleStages(ctx context.Context, in *putStagesInput) (*body[page[lists.SaleStage]], error) {
	if err := s.audit(ctx, "sale.stages", "campaign", in.Campaign.String(), map[string]any{"stages": in.Body.Stages}); err != nil {
		return nil, err
	}
	found, err := s.opts.Store.PutSaleStages(ctx, in.Campaign, in.Body.Stages)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

// SalesQuery chooses sales.
type SalesQuery struct {
	Campaign  uuid.UUID `query:"campaign_id" format:"uuid"`
	Stage     uuid.UUID `query:"stage_id" format:"uuid"`
	Owner     uuid.UUID `query:"owner_id" format:"uuid"`
	Contact   uuid.UUID `query:"contact_id" format:"uuid"`
	Attempt   uuid.UUID `query:"attempt_id" format:"uuid"`
	Kind      string    `query:"kind" enum:"open,won,lost" doc:"missing: all"`
	DueBefore time.Time `query:"due_before" doc:"open ones that are to be followed up before, soonest first"`
	From      time.Time `query:"from" doc:"made then or later"`
	To        time.Time `query:"to" doc:"made before"`
	Before    time.Time `query:"before" doc:"created_at of the last one seen, with before_id: the page after"`
	BeforeID  uuid.UUID `query:"before_id" format:"uuid"`
	Limit     int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (q SalesQuery) filter(agent uuid.UUID) lists.SaleFilter {
	return lists.SaleFilter{Campaign: q.Campaign, Stage: q.Stage, Owner: q.Owner, Contact: q.Contact, Attempt: q.Attempt, Agent: agent, Kind: q.Kind, DueBefore: q.DueBefore,
		From: q.From, To: q.To, Before: q.Before, BeforeID: q.BeforeID, Limit: q.Limit}
}

func (s *Server) sales(ctx context.Context, in *SalesQuery) (*body[page[lists.Sale]], error) {
	found, err := s.opts.Store.Sales(ctx, in.filter(agentOf(ctx)))
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

func (s *Server) saleSums(ctx context.Context, in *CampaignQuery) (*body[page[lists.SaleSum]], error) {
	found, err := s.opts.Store.SaleSums(ctx, in.Campaign, agentOf(ctx))
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type postSaleInput struct {
	Body struct {
		ID      uuid.UUID `json:"id" format:"uuid" doc:"made by the caller; the same id again is the same sale"`
		Attempt uuid.UUID `json:"attempt_id" format:"uuid" doc:"the call that made it"`
		lists.SaleText
	}
}

func (s *Server) postSale(ctx context.Context, in *postSaleInput) (*body[lists.Sale], error) {
	made, err := s.opts.Store.CreateSale(ctx, lists.NewSale{ID: in.Body.ID, Attempt: in.Body.Attempt, Agent: agentOf(ctx), By: userOf(ctx).ID, SaleText: in.Body.SaleText})
	if err != nil {
		return nil, err
	}
	return &body[lists.Sale]{made}, nil
}

// SaleView is a sale with its history.
type SaleView struct {
	lists.Sale
	History []lists.SaleChange `json:"history" nullable:"false"`
}

func (s *Server) sale(ctx context.Context, in *ByID) (*body[SaleView], error) {
	found, err := s.opts.Store.Sale(ctx, in.ID, agentOf(ctx))
	if err != nil {
		return nil, err
	}
	history, err := s.opts.Store.SaleHistory(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[SaleView]{SaleView{found, history}}, nil
}

type putSaleInput struct {
	ByID
	Body struct {
		lists.SaleText
		Revision int       `json:"revision" minimum:"1"`
		Attempt  uuid.UUID `json:"attempt_id,omitempty" format:"uuid" doc:"another call to the same contact that made it"`
	}
}

func (s *Server) putSale(ctx context.Context, in *putSaleInput) (*body[lists.Sale], error) {
	if _, err := s.opts.Store.Sale(ctx, in.ID, agentOf(ctx)); err != nil {
		return nil, err
	}
	changed, err := s.opts.Store.UpdateSale(ctx, in.ID, in.Body.Revision, in.Body.SaleText, in.Body.Attempt, userOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.Sale]{changed}, nil
}

var saleColumns = []string{"id", "created", "campaign", "contact", "title", "stage", "kind", "amount", "currency", "follow_up", "owner", "note", "created_by", "attempts"}

func saleCells(x *lists.Sale) []string {
	due, calls := "", ""
	if x.FollowUpAt != nil {
		due = x.FollowUpAt.UTC().Format(time.RFC3339)
	}
	for i, id := range x.Attempts {
		if i > 0 {
			calls += " "
		}
		calls += id.String()
	}
	return []string{x.ID.String(), x.CreatedAt.UTC().Format(time.RFC3339), x.CampaignName, x.ContactName, x.Title, x.StageEN, x.Kind, strconv.FormatInt(x.Amount, 10), x.Currency,
		due, x.OwnerName, x.Note, x.CreatorName, calls}
}

// exportSales sends sales as a sheet. Its audit row is committed before the first byte (I15).
func (s *Server) exportSales(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	format := q.Get("format")
	if format == "" {
		format = "csv"
	}
	if format != "csv" && format != "xlsx" {
		writeProblem(w, r, invalid("query.format", "must be csv or xlsx"))
		return
	}
	var campaign uuid.UUID
	if text := q.Get("campaign_id"); text != "" {
		var err error
		if campaign, err = uuid.Parse(text); err != nil {
			writeProblem(w, r, invalid("query.campaign_id", "must be a UUID"))
			return
		}
	}
	if err := s.audit(r.Context(), "export.sales", "campaign", campaign.String(), map[string]any{"format": format}); err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	h := w.Header()
	h.Set("Content-Disposition", `attachment; filename="sales.`+format+`"`)
	h.Set("Cache-Control", "no-store")
	out := &patientWriter{w: w, c: http.NewResponseController(w)}
	amount := slices.Index(saleColumns, "amount")
	err := sendTable(out, h, format, saleColumns, func(column int) bool { return column == amount }, func(row func([]string) error) error {
		return s.opts.Store.EachSale(r.Context(), lists.SaleFilter{Campaign: campaign}, func(x *lists.Sale) error { return row(saleCells(x)) })
	})
	if err != nil {
		// The status is sent: cut the connection, so that half an export does not look whole.
		s.opts.Log.Warn("export cut short", "what", "sales", "err", err)
		panic(http.ErrAbortHandler)
	}
}

func documentSales(_ *Server, o *huma.Operation) {
	o.Description = "Amounts are in the currency's smallest unit. Cells that a spreadsheet would run as formulas are made harmless."
	o.Parameters = []*huma.Param{
		{Name: "campaign_id", In: "query", Schema: &huma.Schema{Type: "string", Format: "uuid"}},
		{Name: "format", In: "query", Schema: &huma.Schema{Type: "string", Enum: []any{"csv", "xlsx"}, Default: "csv"}},
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"text/csv": {Schema: &huma.Schema{Type: "string"}},
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
}
