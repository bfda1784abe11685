package lists_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// BenchmarkSearch fills SEARCH_CONTACTS contacts (default ten million) into nine lists of equal size and a small one, and prints
// how long questions take: with Chinese and Latin names, numbers by their beginnings and ends, keys and fields.
//
//	go test -run XXX -bench Search -benchtime 1x -timeout 2h ./lists
func BenchmarkSearch(b *testing.B) {
	n := 10_000_000
	if s := os.Getenv("SEARCH_CONTACTS"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(b, err)
	}
	l := newLedger(b)
	var all []uuid.UUID
	for range 10 {
		all = append(all, l.list(0, 0))
	}
	began := time.Now()
	for from := 0; from < n; from += 500_000 {
		_, err := l.pool.Exec(b.Context(), `INSERT INTO contacts (id, list_id, phone, name, zones, fields, key)
			SELECT gen_random_uuid(), CASE WHEN i % 1000 = 0 THEN ($1::uuid[])[10] ELSE ($1::uuid[])[1 + i % 9] END, '+861' || (3000000000 + i::bigint * 67 % 6000000000),
				CASE WHEN i % 3 = 0 THEN (ARRAY['Wang','Smith','Garcia','Müller','Okafor'])[1 + h % 5] || ' ' || substr(md5(i::text), 1, 6)
					ELSE substr('王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高', 1 + h % 20, 1) || chr(19968 + h / 20 % 3000) || chr(19968 + h / 60000 % 3000) END,
				'{Asia/Shanghai}', jsonb_build_object('城市', (ARRAY['上海','北京','广州','深圳'])[1 + i % 4], 'order', 'A' || i, 'age', (18 + i % 70)::text), 'K' || i
			FROM (SELECT i, abs(hashint4(i)) AS h FROM generate_series($2::int, $3::int - 1) i) x`, all, from, min(n, from+500_000))
		require.NoError(b, err)
	}
	l.recount()
	fmt.Printf("%d contacts stored in %s\n", n, time.Since(began).Round(time.Second))
	began = time.Now()
	for {
		filled, err := l.IndexContacts(b.Context())
		require.NoError(b, err)
		if filled == 0 {
			break
		}
	}
	took := time.Since(began)
	fmt.Printf("filled into the search in %s, %.0f a second\n", took.Round(time.Second), float64(n)/took.Seconds())
	_, err := l.pool.Exec(b.Context(), `VACUUM (ANALYZE) contact_search`)
	require.NoError(b, err)
	for _, name := range []string{"contacts", "contacts_phone", "contact_search", "contact_search_tokens", "contact_search_pkey"} {
		var bytes int64
		require.NoError(b, l.pool.QueryRow(b.Context(), `SELECT coalesce(sum(pg_relation_size(relid)), pg_relation_size($1::regclass)) FROM pg_partition_tree($1::regclass)`, name).Scan(&bytes))
		fmt.Printf("%-24s %6d MB\n", name, bytes>>20)
	}
	some, err := l.Contacts(b.Context(), all[3], 0, 1000, "")
	require.NoError(b, err)
	questions(b, l, n, all, some)
	for b.Loop() { // the questions above are what is measured
	}
}

func questions(b *testing.B, l *ledger, n int, all []uuid.UUID, some []lists.Contact) {
	ask := func(name string, q func(i int) lists.SearchQuery) {
		var took []time.Duration
		found := 0
		for i := range 40 {
			began := time.Now()
			r, err := l.Search(b.Context(), q(i))
			took = append(took, time.Since(began))
			if err != nil {
				fmt.Printf("%-28s %v\n", name, err)
				return
			}
			found += len(r.Items)
		}
		first := took[0]
		slices.Sort(took)
		fmt.Printf("%-28s first %7.1f ms, median %6.1f ms, worst of 40 %6.1f ms, found %.1f\n", name, ms(first), ms(took[20]), ms(took[39]), float64(found)/40)
	}
	at := func(i int) lists.Contact { return some[i*23%len(some)] }
	last := func(s string, k int) string { return s[len(s)-k:] }
	text := func(f func(i int) string) func(int) lists.SearchQuery {
		return func(i int) lists.SearchQuery { return lists.SearchQuery{Text: f(i)} }
	}
	ask("whole number", text(func(i int) string { return at(i).Phone }))
	ask("beginning of a number", text(func(i int) string { return at(i).Phone[:9] }))
	ask("+861", text(func(int) string { return "+861" }))
	ask("last 8 digits", text(func(i int) string { return last(at(i).Phone, 8) }))
	ask("last 5 digits", text(func(i int) string { return last(at(i).Phone, 5) }))
	ask("last 4 digits", text(func(i int) string { return last(at(i).Phone, 4) }))
	ask("whole name", text(func(i int) string { return at(i).Name }))
	ask("given name, Chinese", text(func(i int) string { return string(chr(i*7)) + string(chr(i*3)) }))
	ask("surname, Chinese", text(func(i int) string { return string([]rune("王李张刘陈")[i%5]) }))
	ask("surname, Latin", text(func(i int) string { return []string{"smith", "garcia", "müller"}[i%3] }))
	ask("Latin, inside of a word", text(func(i int) string { return []string{"mith a1b", "arci", "üll c0f"}[i%3] }))
	ask("key", text(func(i int) string { return "K" + strconv.Itoa(i*(n/41)) }))
	ask("field with one owner", text(func(i int) string { return "order=A" + strconv.Itoa(i*(n/41)) }))
	ask("field of a quarter", text(func(i int) string { return "城市=上海" }))
	ask("field in a small list", func(i int) lists.SearchQuery { return lists.SearchQuery{Text: "城市=上海", List: all[9]} })
	ask("surname in a small list", func(i int) lists.SearchQuery { return lists.SearchQuery{Text: "王", List: all[9]} })
	ask("surname in a large list", func(i int) lists.SearchQuery { return lists.SearchQuery{Text: "smith", List: all[0]} })
	ask("+861 in a small list", func(int) lists.SearchQuery { return lists.SearchQuery{Text: "+861", List: all[9]} })
	ask("beginning, not in the list", func(i int) lists.SearchQuery { return lists.SearchQuery{Text: at(i).Phone[:8], List: all[9]} })
	ask("nothing", text(func(i int) string { return "zzyzx 龘龘" }))
}

func chr(i int) rune { return rune(19968 + i%3000) }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
