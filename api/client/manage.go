package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

// Lists returns all lists with their counts.
func (c *Client) Lists(ctx context.Context) ([]lists.List, error) {
	return list[lists.List](ctx, c, "/api/lists")
}

// CreateList makes an empty list; region is the default country of its numbers.
func (c *Client) CreateList(ctx context.Context, name, region string) (lists.List, error) {
	return post[lists.List](ctx, c, "/api/lists", map[string]string{"name": name, "region": region})
}

// List returns one list with its counts.
func (c *Client) List(ctx context.Context, id uuid.UUID) (lists.List, error) {
	return get[lists.List](ctx, c, "/api/lists/"+id.String())
}

// Contacts returns one page of a list; next is "" on the last one.
func (c *Client) Contacts(ctx context.Context, listID uuid.UUID, after string, limit int, q string) (found []lists.Contact, next string, err error) {
	p, err := get[struct {
		Items []lists.Contact `json:"items"`
		Next  string          `json:"next"`
	}](ctx, c, query("/api/lists/"+listID.String()+"/contacts", "after", after, "limit", limit, "q", q))
	return p.Items, p.Next, err
}

// Contact returns a contact with all that happened.
func (c *Client) Contact(ctx context.Context, id uuid.UUID) (lists.Journey, error) {
	return get[lists.Journey](ctx, c, "/api/contacts/"+id.String())
}

// AttemptFilter narrows Attempts; zero fields do not.
type AttemptFilter struct {
	Campaign, Contact, Agent uuid.UUID
	Phone                    string
	Before                   time.Time
	Limit                    int
}

// Attempts returns attempts that have ended, newest first.
func (c *Client) Attempts(ctx context.Context, f AttemptFilter) ([]lists.Attempt, error) {
	before := ""
	if !f.Before.IsZero() {
		before = f.Before.Format(time.RFC3339Nano)
	}
	return list[lists.Attempt](ctx, c, query("/api/attempts", "campaign_id", f.Campaign, "contact_id", f.Contact, "agent_id", f.Agent,
		"phone", f.Phone, "before", before, "limit", f.Limit))
}

// Trunks returns all trunks.
func (c *Client) Trunks(ctx context.Context) ([]lists.Trunk, error) {
	return list[lists.Trunk](ctx, c, "/api/trunks")
}

// CreateTrunk adds a trunk; its id is the server's.
func (c *Client) CreateTrunk(ctx context.Context, t lists.Trunk) (lists.Trunk, error) {
	in := map[string]any{"name": t.Name, "endpoint": t.Endpoint, "max_channels": t.MaxChannels, "cps": t.CPS}
	if len(t.CallerIDs) > 0 {
		in["caller_ids"] = t.CallerIDs
	}
	return post[lists.Trunk](ctx, c, "/api/trunks", in)
}

// UpdateTrunk changes what c names of a trunk and returns the whole.
func (c *Client) UpdateTrunk(ctx context.Context, id uuid.UUID, change lists.TrunkChange) (lists.Trunk, error) {
	in := map[string]any{}
	if change.Name != nil {
		in["name"] = *change.Name
	}
	if change.Endpoint != nil {
		in["endpoint"] = *change.Endpoint
	}
	if change.MaxChannels != nil {
		in["max_channels"] = *change.MaxChannels
	}
	if change.CPS != nil {
		in["cps"] = *change.CPS
	}
	if change.CallerIDs != nil {
		in["caller_ids"] = *change.CallerIDs
	}
	return put[lists.Trunk](ctx, c, "/api/trunks/"+id.String(), in)
}

// Campaigns returns all campaigns; to an agent the running ones, with id and name only.
func (c *Client) Campaigns(ctx context.Context) ([]api.CampaignItem, error) {
	return list[api.CampaignItem](ctx, c, "/api/campaigns")
}

// CreateCampaign makes a paused campaign.
func (c *Client) CreateCampaign(ctx context.Context, d api.CampaignDraft) (lists.Campaign, error) {
	return post[lists.Campaign](ctx, c, "/api/campaigns", d)
}

// Campaign returns one campaign.
func (c *Client) Campaign(ctx context.Context, id uuid.UUID) (lists.Campaign, error) {
	return get[lists.Campaign](ctx, c, "/api/campaigns/"+id.String())
}

// UpdateCampaign changes a campaign as it was read; code "stale" when somebody else was faster.
func (c *Client) UpdateCampaign(ctx context.Context, changed lists.Campaign) (lists.Campaign, error) {
	d := api.CampaignDraft{Name: changed.Name, TrunkID: changed.TrunkID, ListIDs: changed.ListIDs, Settings: changed.Settings, Revision: changed.Revision}
	return put[lists.Campaign](ctx, c, "/api/campaigns/"+changed.ID.String(), d)
}

// SetStatus starts, pauses, drains or stops a campaign.
func (c *Client) SetStatus(ctx context.Context, id uuid.UUID, status lists.CampaignStatus) (lists.Campaign, error) {
	return post[lists.Campaign](ctx, c, "/api/campaigns/"+id.String()+"/status", map[string]any{"status": status})
}

// Summary returns where a campaign's contacts are and how its attempts ended.
func (c *Client) Summary(ctx context.Context, id uuid.UUID) (lists.Summary, error) {
	return get[lists.Summary](ctx, c, "/api/campaigns/"+id.String()+"/summary")
}

// Pacing says how a campaign is paced, why so, and how that came out over the last fifteen minutes.
func (c *Client) Pacing(ctx context.Context, id uuid.UUID) (dialer.PacingStatus, error) {
	return get[dialer.PacingStatus](ctx, c, "/api/campaigns/"+id.String()+"/pacing")
}

// Scripts returns the newest version of every script.
func (c *Client) Scripts(ctx context.Context) ([]lists.Script, error) {
	return list[lists.Script](ctx, c, "/api/scripts")
}

// CreateScript stores a new script, or with the id of one its next version.
func (c *Client) CreateScript(ctx context.Context, id uuid.UUID, name string, body json.RawMessage) (lists.Script, error) {
	in := map[string]any{"name": name, "body": body}
	if id != uuid.Nil {
		in["id"] = id
	}
	return post[lists.Script](ctx, c, "/api/scripts", in)
}

// Script returns one version of a script.
func (c *Client) Script(ctx context.Context, id uuid.UUID, version int) (lists.Script, error) {
	return get[lists.Script](ctx, c, fmt.Sprintf("/api/scripts/%s/versions/%d", id, version))
}

// Audit returns audit rows, newest first; before 0 begins with the newest.
func (c *Client) Audit(ctx context.Context, before int64, limit int) ([]lists.AuditEntry, error) {
	return list[lists.AuditEntry](ctx, c, query("/api/audit", "before", before, "limit", limit))
}

// CheckAudit checks the hash chain of the audit log.
func (c *Client) CheckAudit(ctx context.Context) (api.AuditCheck, error) {
	var r api.AuditCheck
	err := c.Do(ctx, http.MethodGet, "/api/audit/check", nil, &r)
	return r, err
}
