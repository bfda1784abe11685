package lists_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// BenchmarkClaimUnderPacks is BenchmarkClaim of 50 with no packs, with those of the United States, and with those for debts, which
// count by person, too.
func BenchmarkClaimUnderPacks(b *testing.B) {
	const batch = 50
	us := []string{"us-federal", "us-states"}
	for _, tt := range []struct {
		name     string
		packs    []string
		activity compliance.Activity
	}{{"none", []string{}, ""}, {"us", us, compliance.Service}, {"us debt", us, compliance.Debt}} {
		b.Run(tt.name, func(b *testing.B) {
			l := durable(b)
			l.now = noon
			l.Store = lists.New(l.pool, lists.WithClock(l.clock), lists.WithLocalClock(l.clock))
			list := l.bulk(0, b.N*batch)
			_, err := l.pool.Exec(b.Context(), `UPDATE contacts SET region = 'US-NY', fields = fields || '{"state":"NY"}'`)
			require.NoError(b, err)
			c := l.campaign(func(s *lists.Settings) { capped(s); s.Packs, s.Activity = tt.packs, tt.activity }, list)
			_, err = l.pool.Exec(b.Context(), `VACUUM ANALYZE contacts`)
			require.NoError(b, err)
			b.ResetTimer()
			for range b.N {
				require.Len(b, c.claim(batch).Claims, batch)
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "contacts/s")
		})
	}
}
