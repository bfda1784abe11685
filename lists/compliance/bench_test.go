package compliance_test

import (
	"testing"
	"time"

	"github.com/dialtide/dialtide/lists/compliance"
)

var everyPack = []string{"us-federal", "us-states", "gb", "ca", "de", "fr", "it", "au", "cn"}

// BenchmarkCheck is what a claim pays for a contact: all packs, an address elsewhere, attempts and marks.
func BenchmarkCheck(b *testing.B) {
	now := time.Date(2026, 3, 18, 17, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		change func(*compliance.Case)
		at     time.Time
	}{
		"permit":        {func(*compliance.Case) {}, now},
		"no state":      {func(c *compliance.Case) { c.Number.Region = "US" }, now},
		"two places":    {func(c *compliance.Case) { c.Address = compliance.Place{Region: "US-WA", Zones: []string{losAngeles}} }, now},
		"many attempts": {func(c *compliance.Case) { c.Attempts = append(c.Attempts, c.Attempts...) }, now},
		"at night":      {func(*compliance.Case) {}, now.Add(12 * time.Hour)},
		"by cap":        {func(c *compliance.Case) { c.Attempts = []time.Time{now, now, now, now} }, now},
	} {
		b.Run(name, func(b *testing.B) {
			r := compile(b, compliance.Setup{Packs: everyPack, Hours: compliance.Everyday(540, 1200), Cap: compliance.Cap{Max: 3, Window: 86400}})
			c := willing("US-FL")
			c.Attempts, c.Abandoned = []time.Time{now.Add(-25 * time.Hour), now.Add(-49 * time.Hour)}, now.Add(-99*time.Hour)
			tt.change(c)
			b.ReportAllocs()
			for b.Loop() {
				r.Check(tt.at, c)
			}
		})
	}
}

// BenchmarkJudge answers every rule, for people.
func BenchmarkJudge(b *testing.B) {
	r := compile(b, compliance.Setup{Packs: everyPack})
	c := willing("US-FL")
	b.ReportAllocs()
	for b.Loop() {
		r.Judge(time.Date(2026, 3, 18, 17, 0, 0, 0, time.UTC), c)
	}
}

// BenchmarkCompile is paid when a campaign was changed.
func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		r := compile(b, compliance.Setup{Packs: everyPack})
		r.Check(time.Date(2026, 3, 18, 17, 0, 0, 0, time.UTC), willing("US"))
	}
}
