package lists_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// durable is a ledger on a PostgreSQL with fsync on and the real clock.
func durable(b *testing.B) *ledger {
	b.Helper()
	pg, err := lab.Postgres(b.Context(), lab.PostgresOptions{Dir: filepath.Join(b.TempDir(), "pg"), Addr: lab.Addresses(b).Carrier(0) + ":5432", Fsync: true, Settings: map[string]string{"idle_in_transaction_session_timeout": "0"}})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, pg.Kill()) })
	require.NoError(b, pg.CreateDatabase(b.Context(), "bench"))
	require.NoError(b, schema.Migrate(b.Context(), pg.URL("bench")))
	config, err := pgxpool.ParseConfig(pg.URL("bench"))
	require.NoError(b, err)
	config.MaxConns = 8
	config.AfterConnect = lists.Types
	l := &ledger{t: b, now: time.Now()}
	l.pool, err = pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(b, err)
	b.Cleanup(l.pool.Close)
	l.Store = lists.New(l.pool)
	trunk, err := l.CreateTrunk(b.Context(), lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: 100, CPS: 50})
	require.NoError(b, err)
	l.trunk = trunk.ID
	return l
}

// bulk fills a list with n numbers from the i-th on.
func (l *ledger) bulk(i, n int) uuid.UUID {
	l.t.Helper()
	l.n++
	list, err := l.CreateList(l.t.Context(), lists.List{Name: fmt.Sprintf("list %d", l.n), Region: "US"})
	require.NoError(l.t, err)
	_, err = l.pool.Exec(l.t.Context(), `INSERT INTO contacts (id, list_id, phone, name, zones, fields)
		SELECT gen_random_uuid(), $1, '+1212' || (2000000 + $2 + g), 'Person ' || g, '{America/New_York}', '{"tariff":"Basic","since":"2011"}'
		FROM generate_series(0, $3 - 1) g`, list.ID, i, n)
	require.NoError(l.t, err)
	l.recount()
	return list.ID
}

func capped(s *lists.Settings) { s.Cap = compliance.Cap{Max: 3, Window: 86400} }

// BenchmarkClaim: contacts claimed per second, nothing else going on, one after another.
func BenchmarkClaim(b *testing.B) {
	for _, batch := range []int{1, 10, 50, 100} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			l := durable(b)
			c := l.campaign(capped, l.bulk(0, b.N*batch))
			_, err := l.pool.Exec(b.Context(), `VACUUM ANALYZE contacts`)
			require.NoError(b, err)
			b.ResetTimer()
			for range b.N {
				require.Len(b, c.claim(batch).Claims, batch)
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "contacts/s")
		})
	}
}

// BenchmarkClaimKnown: the same when every number has a past of twelve attempts and the model is one that has learned.
func BenchmarkClaimKnown(b *testing.B) {
	const batch = 50
	l := durable(b)
	c := l.campaign(capped, l.bulk(0, b.N*batch))
	var past chance.Past
	for i := range 12 {
		past.Add(noon.AddDate(0, 0, i), i*24+17, chance.Result(1+i%5))
	}
	for _, sql := range []string{`INSERT INTO number_pasts SELECT phone::bigint, $1 FROM contacts`, `VACUUM ANALYZE contacts`, `VACUUM ANALYZE number_pasts`} {
		args := []any{past.Bytes()}
		_, err := l.pool.Exec(b.Context(), sql, args[:strings.Count(sql, "$1")]...)
		require.NoError(b, err)
	}
	_, _, err := l.LearnChances(b.Context(), c.ID)
	require.NoError(b, err)
	b.ResetTimer()
	for range b.N {
		require.Len(b, c.claim(batch).Claims, batch)
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "contacts/s")
}

// history gives the campaign n attempts that have ended, over ninety days, of as many contacts.
func (c *owned) history(n int) {
	c.l.t.Helper()
	for _, sql := range []string{`
		INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until,
			rules, answered_at, bridged_at, ended_at, outcome)
		SELECT gen_random_uuid(), p.phone, '` + c.ID.String() + `', p.list_id, p.id, gen_random_uuid(), '', 'power', 'n', 1, at, at, '',
			CASE WHEN g % 5 = 0 THEN at + (g % 20) * interval '1 s' END, CASE WHEN g % 5 = 0 THEN at + (g % 20) * interval '1 s' END,
			at + interval '1 min', (ARRAY['connected','no_answer','machine','busy','no_answer'])[1 + g % 5]
		FROM (SELECT *, row_number() OVER (ORDER BY seq) AS g FROM contacts LIMIT ` + fmt.Sprint(n) + `) p,
			LATERAL (SELECT now() - interval '90 days' + (g::float8 / ` + fmt.Sprint(n) + `) * interval '89 days' AS at) t`,
		`VACUUM ANALYZE attempts`, `VACUUM ANALYZE contacts`} {
		_, err := c.l.pool.Exec(c.l.t.Context(), sql)
		require.NoError(c.l.t, err)
	}
}

// BenchmarkLearn: attempts learned per second from a history of a million.
func BenchmarkLearn(b *testing.B) {
	l := durable(b)
	c := l.campaign(nil, l.bulk(0, 1_000_000))
	c.history(1_000_000)
	learned := 0
	b.ResetTimer()
	for range b.N {
		n, _, err := l.LearnChances(b.Context(), c.ID)
		require.NoError(b, err)
		learned += n
	}
	b.ReportMetric(float64(learned)/b.Elapsed().Seconds(), "attempts/s")
}

// BenchmarkPacingHistory: the cost of one look at a campaign's million attempts.
func BenchmarkPacingHistory(b *testing.B) {
	l := durable(b)
	c := l.campaign(nil, l.bulk(0, 1_000_000))
	c.history(1_000_000)
	b.ResetTimer()
	for range b.N {
		h, err := l.PacingHistory(b.Context(), c.ID, time.Now().AddDate(0, 0, -100), time.UTC)
		require.NoError(b, err)
		require.InDelta(b, 0.2, h.Answer(), 0.001)
	}
}

// BenchmarkAttempts: whole attempts (claim and finish) per second with a claimer and two finishers at a time, as the dialer has
// them.
func BenchmarkAttempts(b *testing.B) {
	for _, batch := range []int{10, 50, 100} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			l := durable(b)
			c := l.campaign(capped, l.bulk(0, b.N*batch))
			_, err := l.pool.Exec(b.Context(), `VACUUM ANALYZE contacts`)
			require.NoError(b, err)
			outcomes := []lists.Outcome{lists.NoAnswer, lists.Busy, lists.Connected, lists.NoAnswer, lists.InvalidNumber, lists.MachineFound}
			claimed := make(chan []lists.Claim, 4)
			var done atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range 2 {
				wg.Go(func() {
					for claims := range claimed {
						endings := make([]lists.Ending, len(claims))
						for i, x := range claims {
							now := time.Now()
							endings[i] = lists.Ending{Attempt: x.Permit.Attempt(), Epoch: c.epoch, Outcome: outcomes[i%len(outcomes)], EndedAt: now, AnsweredAt: &now}
						}
						n, err := l.Finish(context.Background(), endings)
						if err != nil || n != len(endings) {
							b.Errorf("finish: %d, %v", n, err)
						}
						done.Add(int64(n))
					}
				})
			}
			for range b.N {
				claimed <- c.claim(batch).Claims
			}
			close(claimed)
			wg.Wait()
			b.ReportMetric(float64(done.Load())/b.Elapsed().Seconds(), "attempts/s")
		})
	}
}

// BenchmarkRetries: whole attempts per second when all of them come from the queue of due contacts, with and without a
// snapshot held open by somebody else, which keeps the dead versions of that queue from being cleaned away.
func BenchmarkRetries(b *testing.B) {
	for _, held := range []bool{false, true} {
		b.Run(fmt.Sprintf("held=%v", held), func(b *testing.B) {
			l := durable(b)
			c := l.campaign(func(s *lists.Settings) {
				s.MaxAttempts = 50
				s.Recycle = map[lists.Outcome]lists.Recycle{lists.NoAnswer: {After: 0, Limit: 100}}
			}, l.bulk(0, 4000))
			if held {
				tx, err := l.pool.BeginTx(b.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
				require.NoError(b, err)
				defer func() { _ = tx.Rollback(context.Background()) }()
				_, err = tx.Exec(b.Context(), `SELECT count(*) FROM contacts`)
				require.NoError(b, err)
			}
			b.ResetTimer()
			n, last := 0, time.Duration(0)
			for i := range b.N {
				if i == b.N*9/10 {
					last = -b.Elapsed()
				}
				claims := c.claim(50).Claims
				require.NotEmpty(b, claims)
				endings := make([]lists.Ending, len(claims))
				for i, x := range claims {
					endings[i] = lists.Ending{Attempt: x.Permit.Attempt(), Epoch: c.epoch, Outcome: lists.NoAnswer, EndedAt: time.Now()}
				}
				done, err := l.Finish(b.Context(), endings)
				require.NoError(b, err)
				n += done
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "attempts/s")
			b.ReportMetric(float64(n/10)/(last+b.Elapsed()).Seconds(), "attempts/s-in-last-tenth")
		})
	}
}

// BenchmarkSummary: the cost of one look at a campaign that has touched 300,000 contacts.
func BenchmarkSummary(b *testing.B) {
	l := durable(b)
	list := l.bulk(0, 300_000)
	c := l.campaign(nil, list)
	_, err := l.pool.Exec(b.Context(), `INSERT INTO contact_states (campaign_id, contact_id, list_id, state, reason)
		SELECT $1, id, list_id, 'finished', (ARRAY['sale','refused','max_attempts','connected'])[1 + seq % 4] FROM contacts`, c.ID)
	require.NoError(b, err)
	_, err = l.pool.Exec(b.Context(), `VACUUM ANALYZE contact_states`)
	require.NoError(b, err)
	for b.Loop() {
		s, err := l.Summary(b.Context(), c.ID)
		require.NoError(b, err)
		require.EqualValues(b, 300_000, s.Finished)
	}
}
