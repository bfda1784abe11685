package asterisk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/google/uuid"
)

// contextIn is where calls from a trunk must arrive.
const contextIn = "dialtide-in"

func (a *Adapter) checkTrunk(ctx context.Context, trunk string) []Finding {
	f := Finding{Subject: "trunk " + trunk, Severity: Failure}
	if !namePattern.MatchString(trunk) {
		f.Text, f.Advice = "the endpoint's name is not allowed", "use "+namePattern.String()
		return []Finding{f}
	}
	var e ari.EndpointData
	err := a.do(ctx, call{op: "check", method: http.MethodGet, path: "/endpoints/PJSIP/" + trunk}, &e)
	switch {
	case status(err) == http.StatusNotFound:
		f.Text, f.Advice = "there is no such PJSIP endpoint", "define it in pjsip.conf, then `module reload res_pjsip.so`; or correct the trunk's endpoint (page Users, tab Trunks)"
		return []Finding{f}
	case err != nil:
		f.Text, f.Advice = "the endpoint cannot be read: "+err.Error(), "load res_ari_endpoints.so"
		return []Finding{f}
	case e.State == "online":
		f.Severity, f.Text = Good, fmt.Sprintf("endpoint is online, %d channels", len(e.ChannelIDs))
	default:
		f.Severity, f.Text = Warning, "endpoint is "+e.State
		f.Advice = "the carrier does not answer OPTIONS, or its aor has no contact: calls will fail"
	}
	found := []Finding{f}
	var fields []field
	if err := a.do(ctx, call{op: "check", method: http.MethodGet, path: dynamic("endpoint", trunk)}, &fields); err != nil {
		return found // what was asked before says whether the trunk can be used
	}
	for _, x := range fields {
		if x.Attribute == "context" && x.Value != contextIn {
			found = append(found, Finding{Subject: f.Subject, Severity: Warning, Text: "calls from it go to the context [" + x.Value + "]: people who call back do not reach Dialtide",
				Advice: "set context = " + contextIn + " for this endpoint in pjsip.conf, then `module reload res_pjsip.so`"})
		}
	}
	return found
}

// checkPhones looks for the SIP endpoints of accounts; whether they are registered now is not asked.
func (a *Adapter) checkPhones(ctx context.Context, phones []string) Finding {
	f := Finding{Subject: "phones", Severity: Warning}
	var all []ari.EndpointData
	if err := a.do(ctx, call{op: "check", method: http.MethodGet, path: "/endpoints/PJSIP"}, &all); err != nil {
		f.Text, f.Advice = "the switch's endpoints cannot be read: "+err.Error(), "load res_ari_endpoints.so"
		return f
	}
	there := make(map[string]bool, len(all))
	for _, e := range all {
		there[e.Resource] = true
	}
	var missing []string
	for _, p := range phones {
		if !there[p] {
			missing = append(missing, p)
		}
	}
	const shown = 5
	switch n := len(missing); {
	case n == 0:
		return Finding{Subject: f.Subject, Severity: Good, Text: fmt.Sprintf("the switch has the endpoints of all %d accounts' phones", len(phones))}
	case n > shown:
		missing = append(missing[:shown:shown], fmt.Sprintf("%d more", n-shown))
	}
	f.Text = "accounts have phones that the switch does not have: " + strings.Join(missing, ", ") + ": they cannot log in to a campaign"
	f.Advice = "define them in pjsip.conf, then `module reload res_pjsip.so`; or correct the accounts (page Users)"
	return f
}

// checkBrowser tries what a softphone in the page needs, as far as that goes without a browser. Without accounts that have one,
// what is missing is only told.
func (a *Adapter) checkBrowser(ctx context.Context, wanted bool) Finding {
	err := a.tryBrowser(ctx)
	if err == nil {
		return Finding{Subject: "phones in the page", Severity: Good, Text: "the switch takes softphones in the browser"}
	}
	f := Finding{Subject: "phones in the page", Severity: Warning, Text: err.Error() + "; no account has its phone in the page yet",
		Advice: "needed only for them: take sorcery.conf and [" + browserPattern + "] with its templates in pjsip.conf over from deploy/asterisk/etc, load res_sorcery_memory.so and res_pjsip_transport_websocket.so, restart Asterisk"}
	if wanted {
		f.Severity, f.Text = Failure, err.Error()+": agents with a phone in the page cannot work"
		f.Advice = strings.TrimPrefix(f.Advice, "needed only for them: ")
	}
	return f
}

func (a *Adapter) tryBrowser(ctx context.Context) error {
	for _, kind := range []string{"aor", "endpoint"} {
		switch _, err := a.pattern(ctx, kind); {
		case errors.Is(err, ErrNoPattern):
			return fmt.Errorf("there is no %s [%s] in pjsip.conf", kind, browserPattern)
		case err != nil:
			return fmt.Errorf("[%s] of pjsip.conf cannot be read: %w", browserPattern, err)
		}
	}
	name := "dialtide-check-" + uuid.NewString()[:8]
	auth := attributes{"auth_type": "digest", "username": name, "realm": browserRealm, "password": rand.Text()}
	if err := a.do(ctx, call{op: "check", method: http.MethodPut, path: dynamic("auth", name), body: auth.body()}, nil); err != nil {
		return fmt.Errorf("pjsip has no place in memory for softphones (sorcery.conf): %w", err)
	}
	if err := a.do(ctx, call{op: "check", method: http.MethodDelete, path: dynamic("auth", name)}, nil); err != nil {
		return fmt.Errorf("the auth object %s of this check could not be taken away: %w", name, err)
	}
	conn, err := a.PhoneSocket(ctx)
	if err != nil {
		return err
	}
	return conn.Close()
}
