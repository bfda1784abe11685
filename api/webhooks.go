package api

import (
	"context"
	"net/url"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api/webhook"
)

func webhookRoutes() []route {
	admin := only()
	return []route{
		{method: "GET", path: "/api/webhooks", id: "list-webhooks", tag: "Webhooks", summary: "Addresses that facts are posted to, and how that goes; who may not change them sees of each address the host only, and no error", access: only(Supervisor), serve: op((*Server).webhooks)},
		{method: "POST", path: "/api/webhooks", id: "create-webhook", tag: "Webhooks", summary: "Name an address to post facts to; the answer shows its secret this once", access: admin, status: 201, errors: []int{409, 422}, serve: op((*Server).postWebhook)},
		{method: "PUT", path: "/api/webhooks/{id}", id: "update-webhook", tag: "Webhooks", summary: "Change, switch on or off; the revision must be the newest", access: admin, errors: []int{404, 409, 422}, serve: op((*Server).putWebhook)},
		{method: "DELETE", path: "/api/webhooks/{id}", id: "delete-webhook", tag: "Webhooks", summary: "Take an address away with its posts", access: admin, errors: []int{404}, serve: op((*Server).deleteWebhook)},
		{method: "POST", path: "/api/webhooks/{id}/secret", id: "renew-webhook-secret", tag: "Webhooks", summary: "Sign by another secret from now on; the answer shows it this once", access: admin, errors: []int{404}, serve: op((*Server).postWebhookSecret)},
		{method: "POST", path: "/api/webhooks/{id}/test", id: "test-webhook", tag: "Webhooks", summary: "Post a test", access: admin, status: 202, errors: []int{404}, serve: op((*Server).postWebhookTest)},
		{method: "GET", path: "/api/webhooks/{id}/posts", id: "list-webhook-posts", tag: "Webhooks", summary: "Posts that wait, in their order, or that were given up, newest first", access: admin, errors: []int{404}, serve: op((*Server).webhookPosts)},
		{method: "POST", path: "/api/webhooks/{id}/retry", id: "retry-webhook-posts", tag: "Webhooks", summary: "Send posts again that were given up, behind those that wait", access: admin, errors: []int{404}, serve: op((*Server).retryWebhookPosts)},
	}
}

func (s *Server) webhooks(ctx context.Context, _ *struct{}) (*body[page[webhook.Endpoint]], error) {
	all, err := s.hooks.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	if userOf(ctx).Role != Admin {
		for i := range all {
			all[i].URL, all[i].LastError = hostOnly(all[i].URL), "" // errors name the address
		}
	}
	return items(all), nil
}

// hostOnly leaves of an address what says whose it is. Paths and queries of such addresses are often keys.
func hostOnly(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// WebhookDraft is what an admin decides about an endpoint.
type WebhookDraft struct {
	Name    string   `json:"name" minLength:"1" maxLength:"60"`
	URL     string   `json:"url" minLength:"1" maxLength:"2000" doc:"https, at a public address, or in a network that the configuration allows"`
	Topics  []string `json:"topics" maxItems:"20" nullable:"false" doc:"attempt.ended, disposition.made, dnc.added, alert.raised, alert.cleared, alert.acknowledged, report.ready"`
	Enabled bool     `json:"enabled"`
}

func (d WebhookDraft) of(id uuid.UUID, revision int) webhook.Endpoint {
	return webhook.Endpoint{ID: id, Name: d.Name, URL: d.URL, Topics: d.Topics, Enabled: d.Enabled, Revision: revision}
}

// WebhookMade is a new endpoint with its secret.
type WebhookMade struct {
	webhook.Endpoint
	Secret string `json:"secret" doc:"signs the posts; it is not shown again"`
}

type newWebhookInput struct{ Body WebhookDraft }

func (s *Server) postWebhook(ctx context.Context, in *newWebhookInput) (*body[WebhookMade], error) {
	if err := s.audit(ctx, "webhook.create", "webhook", in.Body.Name, map[string]any{"url": in.Body.URL, "topics": in.Body.Topics}); err != nil {
		return nil, err
	}
	made, secret, err := s.hooks.Create(ctx, in.Body.of(uuid.Nil, 0))
	if err != nil {
		return nil, err
	}
	return &body[WebhookMade]{WebhookMade{made, secret}}, nil
}

type webhookInput struct {
	ByID
	Body struct {
		WebhookDraft
		Revision int `json:"revision" minimum:"1"`
	}
}

func (s *Server) putWebhook(ctx context.Context, in *webhookInput) (*body[webhook.Endpoint], error) {
	b := in.Body
	if err := s.audit(ctx, "webhook.update", "webhook", in.ID.String(), map[string]any{"url": b.URL, "topics": b.Topics, "enabled": b.Enabled}); err != nil {
		return nil, err
	}
	e, err := s.hooks.Update(ctx, b.of(in.ID, b.Revision))
	if err != nil {
		return nil, err
	}
	return &body[webhook.Endpoint]{e}, nil
}

func (s *Server) deleteWebhook(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "webhook.delete", "webhook", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.hooks.Delete(ctx, in.ID)
}

// WebhookSecret is shown once.
type WebhookSecret struct {
	Secret string `json:"secret" doc:"it is not shown again"`
}

func (s *Server) postWebhookSecret(ctx context.Context, in *ByID) (*body[WebhookSecret], error) {
	if err := s.audit(ctx, "webhook.secret", "webhook", in.ID.String(), nil); err != nil {
		return nil, err
	}
	secret, err := s.hooks.NewSecretOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[WebhookSecret]{WebhookSecret{secret}}, nil
}

// WebhookQueued says under which id a post will arrive.
type WebhookQueued struct {
	MessageID string `json:"message_id" doc:"the header webhook-id"`
}

func (s *Server) postWebhookTest(ctx context.Context, in *ByID) (*body[WebhookQueued], error) {
	id, err := webhook.Queue(ctx, s.opts.Pool, in.ID, webhook.TopicTest, map[string]any{"by": userOf(ctx).Name})
	if err != nil {
		return nil, err
	}
	return &body[WebhookQueued]{WebhookQueued{id}}, nil
}

type webhookPostsInput struct {
	ByID
	Dead  bool `query:"dead" doc:"those that were given up"`
	Limit int  `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) webhookPosts(ctx context.Context, in *webhookPostsInput) (*body[page[webhook.Post]], error) {
	posts, err := s.hooks.Posts(ctx, in.ID, in.Dead, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(posts), nil
}

type retryInput struct {
	ByID
	Body struct {
		Post int64 `json:"post,omitempty" minimum:"0" doc:"id of one post; 0: all that were given up"`
	}
}

// WebhookRetried counts posts that are sent again.
type WebhookRetried struct {
	Posts int64 `json:"posts"`
}

func (s *Server) retryWebhookPosts(ctx context.Context, in *retryInput) (*body[WebhookRetried], error) {
	if err := s.audit(ctx, "webhook.retry", "webhook", in.ID.String(), map[string]any{"post": in.Body.Post}); err != nil {
		return nil, err
	}
	if _, err := s.hooks.Endpoint(ctx, in.ID); err != nil {
		return nil, err
	}
	n, err := s.hooks.Revive(ctx, in.ID, in.Body.Post)
	if err != nil {
		return nil, err
	}
	return &body[WebhookRetried]{WebhookRetried{n}}, nil
}
