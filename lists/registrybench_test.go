package lists_test

import (
	"flag"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

var (
	registryNumbers = flag.Int("registry", 1_000_000, "BenchmarkRegistry: numbers of the file")
	whyContacts     = flag.Int("why", 300_000, "BenchmarkWhy: contacts of the campaign")
)

// registryFile is a file of scattered numbers that is made while it is read.
type registryFile struct {
	n, at int
	left  []byte
}

func (f *registryFile) Read(p []byte) (int, error) {
	for len(f.left) < len(p) && f.at < f.n {
		f.left = strconv.AppendInt(f.left, 2000000000+int64(f.at)*3141592653%8000000000, 10)
		f.left = append(f.left, '\n')
		f.at++
	}
	if len(f.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.left)
	f.left = append(f.left[:0], f.left[n:]...)
	return n, nil
}

// BenchmarkRegistry loads a registry on a PostgreSQL with fsync, and replaces it while numbers are looked up by claims.
func BenchmarkRegistry(b *testing.B) {
	l := nextLedger(b, nextServer(b), "registry")
	r := l.registry(true)
	for b.Loop() {
		for range 2 { // the second one replaces the first
			load, err := l.BeginRegistryLoad(b.Context(), lists.RegistryLoad{RegistryID: r.ID, FileName: "numbers.txt"})
			require.NoError(b, err)
			begun := time.Now()
			row, err := l.LoadRegistry(b.Context(), load.No, &registryFile{n: *registryNumbers}, lists.NumberFile{Region: "US"}, false, nil)
			require.NoError(b, err)
			require.EqualValues(b, *registryNumbers, row.Numbers)
			b.Logf("%d numbers in %v", row.Numbers, time.Since(begun).Round(100*time.Millisecond))
			b.ReportMetric(time.Since(begun).Seconds(), "s/load")
		}
	}
}

// BenchmarkWhy asks why of a campaign of many contacts, half of which were called, and of its contacts; and reads their journeys.
func BenchmarkWhy(b *testing.B) {
	l := nextLedger(b, nextServer(b), "why")
	list := l.load(*whyContacts, 1, *whyContacts/20)[0]
	r := l.registry(true)
	load, err := l.BeginRegistryLoad(b.Context(), lists.RegistryLoad{RegistryID: r.ID})
	require.NoError(b, err)
	_, err = l.LoadRegistry(b.Context(), load.No, &registryFile{n: *whyContacts / 10}, lists.NumberFile{Region: "US"}, false, nil)
	require.NoError(b, err)
	c := l.campaign(nil, list)
	c.touch(list, *whyContacts/2)
	l.exec(`ANALYZE`)
	found, err := l.Contacts(b.Context(), list, 0, 1000, "")
	require.NoError(b, err)
	measure := func(name string, n int, ask func(i int) error) {
		var took []time.Duration
		for i := range n {
			begun := time.Now()
			require.NoError(b, ask(i))
			took = append(took, time.Since(begun))
		}
		slices.Sort(took)
		b.Logf("%s: median %v, p99 %v, worst %v", name, took[n/2].Round(10*time.Microsecond), took[n*99/100].Round(10*time.Microsecond), took[n-1].Round(10*time.Microsecond))
		b.ReportMetric(float64(took[n*99/100].Microseconds())/1000, name+"-p99-ms")
	}
	for b.Loop() {
		measure("campaign", 50, func(int) error {
			why, err := l.WhyCampaign(b.Context(), c.ID)
			require.EqualValues(b, *whyContacts, why.Loaded)
			return err
		})
		measure("contact", 200, func(int) error {
			_, err := l.Why(b.Context(), c.ID, found[rand.IntN(len(found))].ID)
			return err
		})
		measure("journey", 200, func(int) error {
			_, err := l.Timeline(b.Context(), found[rand.IntN(len(found))].ID, true, "", 50)
			return err
		})
		measure("record", 50, func(int) error {
			_, err := l.PersonRecord(b.Context(), lists.Who{Contact: found[rand.IntN(len(found))].ID})
			return err
		})
	}
}
