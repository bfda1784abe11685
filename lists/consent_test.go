package lists_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func consent(phone, person string) lists.Consent {
	return lists.Consent{Phone: phone, Person: person, Purpose: "sales", Evidence: "signed form 7", GivenAt: noon.Add(-time.Hour)}
}

// TestConsents: given, told twice, valid for a time, withdrawn once, and never changed otherwise.
func TestConsents(t *testing.T) {
	l := newLedger(t)
	ann := l.user()
	until := noon.Add(time.Hour)
	a, b := consent(number(1), ""), consent("", "K-1")
	a.Until, a.EvidenceSHA256 = &until, strings.Repeat("0A", 32)
	n, err := l.AddConsents(t.Context(), ann, []lists.Consent{a, b, a})
	require.NoError(t, err)
	require.Equal(t, 2, n)
	has := func(phone, person, purpose string) bool {
		ok, err := l.HasConsent(t.Context(), phone, person, purpose)
		require.NoError(t, err)
		return ok
	}
	require.True(t, has(number(1), "", "sales"))
	require.False(t, has(number(1), "", "research"))
	require.False(t, has("", "", "sales"))
	require.True(t, has(number(9), "K-1", "sales"))
	l.pass(time.Hour)
	require.False(t, has(number(1), "", "sales"), "it has ended")
	all, err := l.Consents(t.Context(), lists.ConsentFilter{})
	require.NoError(t, err)
	require.Len(t, all, 2)
	valid, err := l.Consents(t.Context(), lists.ConsentFilter{Valid: true})
	require.NoError(t, err)
	require.Len(t, valid, 1)
	require.Equal(t, ann, *valid[0].RecordedBy)

	n, err = l.WithdrawConsent(t.Context(), lists.Withdrawal{Person: "K-1", How: "by mail", By: ann})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.False(t, has(number(9), "K-1", "sales"))
	n, err = l.WithdrawConsent(t.Context(), lists.Withdrawal{ID: valid[0].ID, How: "again"})
	require.NoError(t, err)
	require.Zero(t, n, "the first withdrawal stays")
	_, err = l.WithdrawConsent(t.Context(), lists.Withdrawal{ID: uuid.New(), How: "x"})
	require.ErrorIs(t, err, lists.ErrNotFound)
	for _, sql := range []string{`UPDATE consents SET evidence = 'other'`, `UPDATE consents SET withdrawn_at = NULL`, `DELETE FROM consents`, `UPDATE consents SET until = NULL`} {
		_, err := l.pool.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "consents are final", sql)
	}
	_, err = l.VerifyAudit(t.Context())
	require.NoError(t, err)
	log, err := l.AuditLog(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Equal(t, "consent.withdraw", log[0].Action)

	var input *lists.InputError
	for field, change := range map[string]func(*lists.Consent){
		"consents.0.phone": func(c *lists.Consent) { c.Phone = "" }, "consents.0.purpose": func(c *lists.Consent) { c.Purpose = "Ä" },
		"consents.0.evidence": func(c *lists.Consent) { c.Evidence = " " }, "consents.0.given_at": func(c *lists.Consent) { c.GivenAt = noon.AddDate(1, 0, 0) },
		"consents.0.until": func(c *lists.Consent) { c.Until = &c.GivenAt }, "consents.0.evidence_sha256": func(c *lists.Consent) { c.EvidenceSHA256 = "0a" },
	} {
		bad := consent(number(1), "")
		change(&bad)
		_, err := l.AddConsents(t.Context(), ann, []lists.Consent{bad})
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, field, input.Field)
	}
	_, err = l.WithdrawConsent(t.Context(), lists.Withdrawal{Phone: number(1)})
	require.ErrorAs(t, err, &input)
}

// TestConsentRetention: what ended long ago goes, unless it is still in force or its number was called lately.
func TestConsentRetention(t *testing.T) {
	l := newLedger(t)
	ended := noon.Add(-30 * time.Minute)
	old, called, open := consent(number(1), ""), consent(number(2), ""), consent(number(3), "")
	old.Until, called.Until = &ended, &ended
	_, err := l.AddConsents(t.Context(), uuid.Nil, []lists.Consent{old, called, open})
	require.NoError(t, err)
	l.pass(40 * 24 * time.Hour)
	c := l.campaign(nil, l.list(2, 3))
	c.finish(c.one(), lists.NoAnswer)
	n, err := l.ForgetConsents(t.Context(), 30*24*time.Hour)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	left, err := l.Consents(t.Context(), lists.ConsentFilter{})
	require.NoError(t, err)
	require.Len(t, left, 2)
	_, err = l.ForgetConsents(t.Context(), time.Hour)
	var input *lists.InputError
	require.ErrorAs(t, err, &input)
}
