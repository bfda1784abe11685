package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

// Login signs in; the session stays in the client.
func (c *Client) Login(ctx context.Context, login, password string) (api.User, error) {
	return post[api.User](ctx, c, "/api/login", map[string]string{"login": login, "password": password})
}

// Logout ends the session on the server.
func (c *Client) Logout(ctx context.Context) error {
	return c.Do(ctx, http.MethodPost, "/api/logout", nil, nil)
}

// Me returns who is signed in.
func (c *Client) Me(ctx context.Context) (api.User, error) { return get[api.User](ctx, c, "/api/me") }

// SetLanguage chooses the user's language.
func (c *Client) SetLanguage(ctx context.Context, language string) (api.User, error) {
	return put[api.User](ctx, c, "/api/me", map[string]string{"language": language})
}

// ChangePassword changes the user's own password; every session ends, this one too.
func (c *Client) ChangePassword(ctx context.Context, old, new string) error {
	return c.Do(ctx, http.MethodPut, "/api/me/password", map[string]string{"old": old, "new": new}, nil)
}

// Users returns all accounts.
func (c *Client) Users(ctx context.Context) ([]api.User, error) {
	return list[api.User](ctx, c, "/api/users")
}

// CreateUser makes an account.
func (c *Client) CreateUser(ctx context.Context, u api.NewUser) (api.User, error) {
	return post[api.User](ctx, c, "/api/users", u)
}

// UserChange is a change of an account; nil fields stay as they are.
type UserChange struct {
	Name      *string        `json:"name,omitempty"`
	Role      *api.Role      `json:"role,omitempty"`
	PhoneKind *api.PhoneKind `json:"phone_kind,omitempty"`
	Endpoint  *string        `json:"endpoint,omitempty"`
	Language  *string        `json:"language,omitempty"`
	Disabled  *bool          `json:"disabled,omitempty"`
	Password  *string        `json:"password,omitempty"`
}

// UpdateUser changes an account.
func (c *Client) UpdateUser(ctx context.Context, id uuid.UUID, u UserChange) (api.User, error) {
	return put[api.User](ctx, c, "/api/users/"+id.String(), u)
}

// EndSessions ends every session of a user.
func (c *Client) EndSessions(ctx context.Context, id uuid.UUID) error {
	return c.Do(ctx, http.MethodDelete, "/api/users/"+id.String()+"/sessions", nil, nil)
}

// Import sends a list file and returns once the server has it; WaitImport waits until its rows are loaded.
func (c *Client) Import(ctx context.Context, listID uuid.UUID, name string, file io.Reader) (lists.Import, error) {
	pr, pw := io.Pipe()
	form := multipart.NewWriter(pw)
	go func() {
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(part, file)
		}
		if err == nil {
			err = form.Close()
		}
		pw.CloseWithError(err)
	}()
	defer func() { _ = pr.Close() }() // ends the writer when the server answered early
	var i lists.Import
	resp, err := c.send(ctx, http.MethodPost, "/api/lists/"+listID.String()+"/imports", form.FormDataContentType(), pr)
	if err != nil {
		return i, err
	}
	return i, decode(resp, &i)
}

// GetImport returns how far an import is.
func (c *Client) GetImport(ctx context.Context, id uuid.UUID) (lists.Import, error) {
	return get[lists.Import](ctx, c, "/api/imports/"+id.String())
}

// Imports returns the files loaded into a list, newest first.
func (c *Client) Imports(ctx context.Context, listID uuid.UUID) ([]lists.Import, error) {
	return list[lists.Import](ctx, c, "/api/lists/"+listID.String()+"/imports")
}

// WaitImport asks until the import has ended, telling onProgress (nil: nobody) each time. A failed import is an error.
func (c *Client) WaitImport(ctx context.Context, id uuid.UUID, onProgress func(lists.Import)) (lists.Import, error) {
	wait := 50 * time.Millisecond
	for {
		i, err := c.GetImport(ctx, id)
		if err != nil {
			return i, err
		}
		if onProgress != nil {
			onProgress(i)
		}
		switch i.State {
		case "done":
			return i, nil
		case "failed":
			return i, fmt.Errorf("import %s failed: %s", id, i.Error)
		}
		select {
		case <-time.After(wait):
			wait = min(2*wait, time.Second)
		case <-ctx.Done():
			return i, ctx.Err()
		}
	}
}

// Rejects returns the first rejected rows of an import.
func (c *Client) Rejects(ctx context.Context, id uuid.UUID) ([]api.Reject, error) {
	return list[api.Reject](ctx, c, "/api/imports/"+id.String()+"/rejects")
}

// RejectsCSV writes all rejected rows as CSV to w.
func (c *Client) RejectsCSV(ctx context.Context, id uuid.UUID, w io.Writer) error {
	resp, err := c.send(ctx, http.MethodGet, "/api/imports/"+id.String()+"/rejects?format=csv", "", nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// DNC returns the entries of a number, or the newest entries when phone is "".
func (c *Client) DNC(ctx context.Context, phone string) ([]lists.DNC, error) {
	return list[lists.DNC](ctx, c, query("/api/dnc", "phone", phone))
}

// NewDNC is a number that must not be called any more.
type NewDNC struct {
	Phone      string     `json:"phone"`
	Reason     string     `json:"reason,omitempty"`
	CampaignID *uuid.UUID `json:"campaign_id,omitempty"`
	Until      *time.Time `json:"until,omitempty"`
}

// AddDNC returns when no call to the number can be answered any more.
func (c *Client) AddDNC(ctx context.Context, d NewDNC) (lists.DNC, error) {
	return post[lists.DNC](ctx, c, "/api/dnc", d)
}

// RemoveDNC allows a number again; reason, which the audit log keeps, says why.
func (c *Client) RemoveDNC(ctx context.Context, id uuid.UUID, reason string) error {
	return c.Do(ctx, http.MethodDelete, query("/api/dnc/"+id.String(), "reason", reason), nil, nil)
}

// Recordings returns recordings, newest first; zero ids do not narrow.
func (c *Client) Recordings(ctx context.Context, campaign, agent uuid.UUID, limit int) ([]recording.Recording, error) {
	return list[recording.Recording](ctx, c, query("/api/recordings", "campaign_id", campaign, "agent_id", agent, "limit", limit))
}

// Recording returns the recording of an attempt.
func (c *Client) Recording(ctx context.Context, attempt uuid.UUID) (recording.Recording, error) {
	return get[recording.Recording](ctx, c, "/api/recordings/"+attempt.String())
}

// Audio opens the sound of a recording, from byte offset on. The caller closes it.
func (c *Client) Audio(ctx context.Context, attempt uuid.UUID, offset int64) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.String()+"/api/recordings/"+attempt.String()+"/audio", nil)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	resp, err := c.Send(req)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// Watch calls the caller's phone and brings it beside an agent's.
func (c *Client) Watch(ctx context.Context, agent uuid.UUID, mode string) (dialer.WatchView, error) {
	return post[dialer.WatchView](ctx, c, "/api/watches", map[string]any{"agent_id": agent, "mode": mode})
}

// ChangeWatch asks for another mode, another agent (nil UUID: the same), or both.
func (c *Client) ChangeWatch(ctx context.Context, id uuid.UUID, mode string, agent uuid.UUID) (dialer.WatchView, error) {
	change := map[string]any{}
	if mode != "" {
		change["mode"] = mode
	}
	if agent != uuid.Nil {
		change["agent_id"] = agent
	}
	var out dialer.WatchView
	err := c.Do(ctx, http.MethodPut, "/api/watches/"+id.String(), change, &out)
	return out, err
}

// EndWatch hangs the caller's phone up.
func (c *Client) EndWatch(ctx context.Context, id uuid.UUID) error {
	return c.Do(ctx, http.MethodDelete, "/api/watches/"+id.String(), nil, nil)
}

// Watches lists supervisors' phones beside agents.
func (c *Client) Watches(ctx context.Context) ([]dialer.WatchView, error) {
	return list[dialer.WatchView](ctx, c, "/api/watches")
}

// Ready returns the readiness report, also when the server says that it is not ready.
func (c *Client) Ready(ctx context.Context) (api.Readiness, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.String()+"/readyz", nil)
	if err != nil {
		return api.Readiness{}, fmt.Errorf("make request: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return api.Readiness{}, err
	}
	var r api.Readiness
	return r, decode(resp, &r)
}
