package client

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/lists"
)

// Why says why a contact may or may not be called by a campaign now.
func (c *Client) Why(ctx context.Context, campaign, contact uuid.UUID) (lists.Why, error) {
	return get[lists.Why](ctx, c, "/api/campaigns/"+campaign.String()+"/contacts/"+contact.String()+"/why")
}

// WhyCampaign says why a campaign calls or does not.
func (c *Client) WhyCampaign(ctx context.Context, campaign uuid.UUID) (lists.CampaignWhy, error) {
	return get[lists.CampaignWhy](ctx, c, "/api/campaigns/"+campaign.String()+"/why")
}

// Journey returns a page of a contact's way; after is the Next of the page before.
func (c *Client) Journey(ctx context.Context, contact uuid.UUID, others bool, after string, limit int) (lists.Timeline, error) {
	return get[lists.Timeline](ctx, c, query("/api/contacts/"+contact.String()+"/journey", "others", others, "after", after, "limit", limit))
}

// Registries returns all do-not-call registries.
func (c *Client) Registries(ctx context.Context) ([]lists.Registry, error) {
	return list[lists.Registry](ctx, c, "/api/registries")
}

// CreateRegistry makes a registry without numbers.
func (c *Client) CreateRegistry(ctx context.Context, name, region string, everyone bool) (lists.Registry, error) {
	return post[lists.Registry](ctx, c, "/api/registries", map[string]any{"name": name, "region": region, "everyone": everyone})
}

// LoadRegistry sends a file whose numbers replace those of a registry, and returns before they are read. options are those of
// the query: as_of, column, area_column, tolerate, shrink.
func (c *Client) LoadRegistry(ctx context.Context, registry uuid.UUID, name string, file io.Reader, options map[string]string) (l lists.RegistryLoad, err error) {
	err = c.sendFile(ctx, "/api/registries/"+registry.String()+"/loads", name, file, options, &l)
	return l, err
}

// RegistryLoads returns the files loaded into a registry, newest first.
func (c *Client) RegistryLoads(ctx context.Context, registry uuid.UUID) ([]lists.RegistryLoad, error) {
	return list[lists.RegistryLoad](ctx, c, "/api/registries/"+registry.String()+"/loads")
}

// CancelRegistryLoad asks for the end of a load.
func (c *Client) CancelRegistryLoad(ctx context.Context, registry uuid.UUID, no int) error {
	return c.Do(ctx, http.MethodDelete, "/api/registries/"+registry.String()+"/loads/"+strconv.Itoa(no), nil, nil)
}

// AddDNCFile suppresses the numbers of a file and returns when no call to them can be answered any more. options are those of the
// query: region, column, area_column, reason, campaign_id, until.
func (c *Client) AddDNCFile(ctx context.Context, name string, file io.Reader, options map[string]string) (d api.DNCFile, err error) {
	err = c.sendFile(ctx, "/api/dnc/file", name, file, options, &d)
	return d, err
}

// AddConsents writes consents down, all or none.
func (c *Client) AddConsents(ctx context.Context, consents []api.NewConsent) (api.ConsentsAdded, error) {
	return post[api.ConsentsAdded](ctx, c, "/api/consents", map[string]any{"consents": consents})
}

// Consents returns consents of a number or a person; empty texts do not narrow.
func (c *Client) Consents(ctx context.Context, phone, person, purpose string, valid bool) ([]lists.Consent, error) {
	return list[lists.Consent](ctx, c, query("/api/consents", "phone", phone, "person", person, "purpose", purpose, "valid", valid))
}

// PersonRecord returns everything that is known of one person.
func (c *Client) PersonRecord(ctx context.Context, who api.PersonName) (lists.PersonRecord, error) {
	return post[lists.PersonRecord](ctx, c, "/api/people/records", who)
}

// sendFile sends a form with a file while it is read.
func (c *Client) sendFile(ctx context.Context, path, name string, file io.Reader, options map[string]string, out any) error {
	var pairs []any
	for k, v := range options {
		pairs = append(pairs, k, v)
	}
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if _, err := form.CreateFormFile("file", name); err != nil {
		return err
	}
	top := bytes.Clone(head.Bytes())
	head.Reset()
	if err := form.Close(); err != nil {
		return err
	}
	resp, err := c.send(ctx, http.MethodPost, query(path, pairs...), form.FormDataContentType(), io.MultiReader(bytes.NewReader(top), file, bytes.NewReader(head.Bytes())))
	if err != nil {
		return err
	}
	return decode(resp, out)
}
