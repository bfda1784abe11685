package lists_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// registry makes one for the US.
func (l *ledger) registry(everyone bool) lists.Registry {
	l.t.Helper()
	l.n++
	r, err := l.CreateRegistry(l.t.Context(), lists.Registry{Name: fmt.Sprintf("registry %d", l.n), Region: "us", Everyone: everyone})
	require.NoError(l.t, err)
	return r
}

// load loads a file into a registry.
func (l *ledger) loadRegistry(r lists.Registry, text string, change func(*lists.RegistryLoad, *lists.NumberFile)) (lists.RegistryLoad, error) {
	l.t.Helper()
	begin, file := lists.RegistryLoad{RegistryID: r.ID, FileName: "numbers.txt", BytesTotal: int64(len(text))}, lists.NumberFile{Region: r.Region}
	if change != nil {
		change(&begin, &file)
	}
	b, err := l.BeginRegistryLoad(l.t.Context(), begin)
	require.NoError(l.t, err)
	return l.LoadRegistry(l.t.Context(), b.No, strings.NewReader(text), file, false, nil)
}

// TestRegistryIsAsked: numbers of a registry are refused, and another file takes its place at one moment.
func TestRegistryIsAsked(t *testing.T) {
	l := newLedger(t)
	r := l.registry(true)
	c := l.campaign(nil, l.list(0, 3))
	done, err := l.loadRegistry(r, "Telephone\n"+number(0)+"\n(212) 200-0001\n\n1"+number(50)[2:]+"\n", nil)
	require.NoError(t, err)
	require.Equal(t, "done", done.State)
	require.EqualValues(t, 3, done.Numbers)
	require.Zero(t, done.Bad)
	got := c.claim(10)
	require.Len(t, got.Claims, 1)
	require.Equal(t, number(2), got.Claims[0].Contact.Phone)
	require.Equal(t, map[string]int{lists.RuleRegistry: 2}, got.Excluded)

	_, err = l.loadRegistry(r, number(7)+"\n"+number(8)+"\n"+number(9)+"\n", nil)
	require.NoError(t, err)
	later := l.campaign(nil, l.list(0, 3), l.list(7, 11))
	got = later.claim(10)
	require.Len(t, got.Claims, 3) // number 2 is on the line, 10 and two that are not listed any more
	require.Equal(t, map[string]int{lists.RuleRegistry: 3}, got.Excluded)
	all, err := l.Registries(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 3, all[0].Numbers)
	require.True(t, all[0].AsOf.Equal(noon))
	loads, err := l.RegistryLoads(t.Context(), r.ID)
	require.NoError(t, err)
	require.Len(t, loads, 2)
	var tables int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'registry_numbers%'`).Scan(&tables))
	require.Equal(t, 1, tables, "the replaced numbers are dropped")
	require.NoError(t, l.DeleteRegistry(t.Context(), r.ID))
	require.ErrorIs(t, l.DeleteRegistry(t.Context(), r.ID), lists.ErrNotFound)
	require.Len(t, l.campaign(nil, l.list(7, 10)).claim(10).Claims, 3)
}

// TestRegistryTooOld: a campaign that demands a registry calls nobody while there is none that is young enough.
func TestRegistryTooOld(t *testing.T) {
	l := newLedger(t)
	r := l.registry(false)
	c := l.campaign(func(s *lists.Settings) { s.Registries = []lists.RegistryDemand{{Region: "US", MaxAgeDays: 31}} }, l.list(0, 3))
	free := l.campaign(nil, l.list(0, 1))
	got := c.claim(10)
	require.Empty(t, got.Claims)
	require.Equal(t, lists.RuleRegistryStale, got.Dry)
	require.True(t, got.Next.After(l.clock()))
	_, err := l.loadRegistry(r, number(0)+"\n", func(l *lists.RegistryLoad, _ *lists.NumberFile) { l.AsOf = noon.Add(-31*24*time.Hour + time.Minute) })
	require.NoError(t, err)
	require.Equal(t, number(1), c.one().Contact.Phone)
	require.Equal(t, number(0), free.one().Contact.Phone, "a campaign that does not demand it may call")
	l.pass(2 * time.Minute)
	require.Equal(t, lists.RuleRegistryStale, c.claim(10).Dry)
	_, err = l.loadRegistry(r, number(5)+"\n", nil)
	require.NoError(t, err)
	require.Equal(t, number(2), c.one().Contact.Phone)
	_, err = l.BeginRegistryLoad(t.Context(), lists.RegistryLoad{RegistryID: r.ID, AsOf: l.clock().Add(48 * time.Hour)})
	var input *lists.InputError
	require.ErrorAs(t, err, &input)
	require.Equal(t, "as_of", input.Field)
}

// TestRegistryFilesThatAreNotTaken: the numbers from before are asked on, and what is wrong is said line by line.
func TestRegistryFilesThatAreNotTaken(t *testing.T) {
	l := newLedger(t)
	r := l.registry(true)
	_, err := l.loadRegistry(r, number(0)+"\n"+number(1)+"\n"+number(2)+"\n"+number(3)+"\n"+number(4)+"\n"+number(5)+"\n", nil)
	require.NoError(t, err)
	row, err := l.loadRegistry(r, number(0)+"\nhello\n12\n"+number(1)+"\n", nil)
	require.ErrorIs(t, err, lists.ErrBadLines)
	require.Equal(t, "failed", row.State)
	require.EqualValues(t, 2, row.Bad)
	require.Equal(t, []lists.BadLine{{Line: 2, Value: "hello", Reason: lists.PhoneInvalid}, {Line: 3, Value: "12", Reason: lists.PhoneInvalid}}, row.BadLines)
	for name, text := range map[string]string{"empty": "", "header only": "number\n", "utf-16": "\xff\xfe1\x002\x00\n\x00", "shrunk": number(0) + "\n",
		"no column": "a,b\nx,y\n", "garbage": strings.Repeat("x\n", 5000), "long line": strings.Repeat("1", 200_000)} {
		row, err := l.loadRegistry(r, text, nil)
		require.Error(t, err, name)
		require.Equal(t, "failed", row.State, name)
		require.NotEmpty(t, row.Error, name)
	}
	tolerated, err := l.loadRegistry(r, number(1)+"\nhello\n"+number(2)+"\n"+number(3)+"\n", func(_ *lists.RegistryLoad, f *lists.NumberFile) { f.Tolerate = 1 })
	require.NoError(t, err)
	require.EqualValues(t, 3, tolerated.Numbers)
	got := l.campaign(nil, l.list(0, 4)).claim(10)
	require.Len(t, got.Claims, 1)
	require.Equal(t, number(0), got.Claims[0].Contact.Phone)
}

// TestRegistryLayouts: the ways in which authorities write numbers.
func TestRegistryLayouts(t *testing.T) {
	l := newLedger(t)
	for name, x := range map[string]struct {
		region, text, column string
		want                 []string
	}{
		"area and number":  {"US", "212,2000001\n212,2000002\n", "", []string{"+12122000001", "+12122000002"}},
		"area with header": {"US", "AreaCode,Phone\n212,2000001\n", "", []string{"+12122000001"}},
		"csv by name":      {"US", "id;day;Num\n1;2026-01-01;2122000001\n", "num", []string{"+12122000001"}},
		"csv by position":  {"US", "1\t\"2122000001\"\n", "2", []string{"+12122000001"}},
		"csv found":        {"US", "2026-01-01,\"(212) 200-0001\"\r\n", "", []string{"+12122000001"}},
		"bom":              {"US", "\xef\xbb\xbf2122000001\n", "", []string{"+12122000001"}},
		"no last newline":  {"US", "2122000001", "", []string{"+12122000001"}},
		"british":          {"GB", "02079460001\n2079460002\n442079460003\n+442079460004\n", "", []string{"+442079460001", "+442079460002", "+442079460003", "+442079460004"}},
		"italian":          {"IT", "0612345678\n+390612345679\n", "", []string{"+390612345678", "+390612345679"}},
		"chinese":          {"CN", "电话\n13800138000\n01012345678\n", "", []string{"+8613800138000", "+861012345678"}},
	} {
		l.n++
		r, err := l.CreateRegistry(t.Context(), lists.Registry{Name: name, Region: x.region, Everyone: true})
		require.NoError(t, err, name)
		row, err := l.loadRegistry(r, x.text, func(_ *lists.RegistryLoad, f *lists.NumberFile) { f.Column = x.column })
		require.NoError(t, err, "%s: %+v", name, row)
		require.EqualValues(t, len(x.want), row.Numbers, name)
		for _, phone := range x.want {
			record, err := l.PersonRecord(t.Context(), lists.Who{Phone: phone})
			require.NoError(t, err)
			require.NotEmpty(t, record.Registries, "%s: %s", name, phone)
		}
		require.NoError(t, l.DeleteRegistry(t.Context(), r.ID))
	}
}

// slowFile never ends.
type slowFile struct{ read chan struct{} }

func (f slowFile) Read(p []byte) (int, error) {
	select {
	case f.read <- struct{}{}:
	default:
	}
	return copy(p, "2122000001\n"), nil
}

// TestRegistryLoadEnds: by cancel, by the end of the process, and by a file that cannot be read on; only one at a time.
func TestRegistryLoadEnds(t *testing.T) {
	l := newLedger(t)
	r := l.registry(true)
	begin := func() int {
		b, err := l.BeginRegistryLoad(t.Context(), lists.RegistryLoad{RegistryID: r.ID})
		require.NoError(t, err)
		return b.No
	}
	no := begin()
	_, err := l.BeginRegistryLoad(t.Context(), lists.RegistryLoad{RegistryID: r.ID})
	require.ErrorIs(t, err, lists.ErrLoading)
	require.ErrorIs(t, l.DeleteRegistry(t.Context(), r.ID), lists.ErrLoading)
	require.NoError(t, l.CancelRegistryLoad(t.Context(), r.ID, no))
	row, err := l.LoadRegistry(t.Context(), no, slowFile{}, lists.NumberFile{Region: "US"}, false, nil)
	require.Error(t, err)
	require.Equal(t, "cancelled", row.State)

	no = begin()
	ctx, cancel := context.WithCancel(t.Context())
	file := slowFile{make(chan struct{})}
	go func() { <-file.read; cancel() }()
	row, err = l.LoadRegistry(ctx, no, file, lists.NumberFile{Region: "US"}, false, nil)
	require.Error(t, err)
	require.Equal(t, "failed", row.State)
	require.Equal(t, lists.RegistryInterrupted, row.Error)

	no = begin()
	_, err = l.pool.Exec(t.Context(), `UPDATE registry_loads SET beat_at = now() - interval '2 min' WHERE no = $1`, no)
	require.NoError(t, err)
	require.NoError(t, l.FailRegistryOrphans(t.Context()))
	row, err = l.RegistryLoad(t.Context(), no)
	require.NoError(t, err)
	require.Equal(t, "failed", row.State)

	row, err = l.LoadRegistry(t.Context(), begin(), io.MultiReader(strings.NewReader("2122000001\n"), failing{}), lists.NumberFile{Region: "US"}, false, nil)
	require.ErrorIs(t, err, os.ErrClosed)
	require.Equal(t, "failed", row.State)
	var tables int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_class WHERE relname LIKE 'registry_numbers%'`).Scan(&tables))
	require.Zero(t, tables)
	_, err = l.BeginRegistryLoad(t.Context(), lists.RegistryLoad{RegistryID: uuid.New()})
	require.ErrorIs(t, err, lists.ErrNotFound)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, os.ErrClosed }

// TestRegistryReplacedWhileClaiming: claims go on while files are loaded, and never give a number that is in every file.
func TestRegistryReplacedWhileClaiming(t *testing.T) {
	l := newLedger(t)
	r := l.registry(true)
	var text strings.Builder
	for i := range 400 {
		text.WriteString(number(i*2) + "\n")
	}
	_, err := l.loadRegistry(r, text.String(), nil)
	require.NoError(t, err)
	c := l.campaign(nil, l.list(0, 800))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 12 {
			if _, err := l.loadRegistry(r, text.String(), nil); err != nil {
				t.Error(err)
			}
		}
	}()
	claimed := 0
	for claimed < 400 {
		got := c.claim(3)
		for _, x := range got.Claims {
			var n int
			_, err := fmt.Sscanf(x.Contact.Phone[5:], "%d", &n)
			require.NoError(t, err)
			require.Equal(t, 1, n%2, x.Contact.Phone)
		}
		claimed += len(got.Claims)
	}
	<-done
	require.EqualValues(t, 400, c.sums().Excluded[lists.RuleRegistry])
}
