package cmd

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/dialtide/dialtide/"

// ranks is the order of the house: a package imports only packages of a lower rank, or of its own when both are listed
// under the same folder. The longest matching prefix counts.
var ranks = map[string]int{
	"pacing":           0,
	"lists/compliance": 0,
	"lists/chance":     0,
	"lists/filter":     0,
	"lists/experiment": 0,
	"agent/script":     0,
	"dialer/call":      2, // pure; names its results by lists.Outcome
	"api/stream":       0,
	"api/web":          0,
	"deploy/schema":    0,
	"deploy/lab":       0,
	"deploy/asterisk":  0,
	"deploy/carrier":   0,
	"lists":            1,
	"agent":            2,
	"recording":        2,
	"dialer":           3,
	"api":              4,
	"cmd":              5,
}

func rank(pkg string) (int, bool) {
	for p := pkg; ; {
		if r, ok := ranks[p]; ok {
			return r, true
		}
		i := strings.LastIndexByte(p, '/')
		if i < 0 {
			return 0, false
		}
		p = p[:i]
	}
}

func top(pkg string) string { return strings.SplitN(pkg, "/", 2)[0] }

type listed struct {
	ImportPath string
	Imports    []string
}

// TestImportArrowsPointDown fails when a package reaches up the table of the house or has no place in it.
func TestImportArrowsPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	require.NoError(t, err)
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		seen++
		pkg := strings.TrimPrefix(p.ImportPath, module)
		from, ok := rank(pkg)
		require.True(t, ok, "%s has no rank: give it a place in the table of the house", pkg)
		for _, imp := range p.Imports {
			dep, ours := strings.CutPrefix(imp, module)
			if !ours {
				continue
			}
			to, ok := rank(dep)
			require.True(t, ok, "%s has no rank", dep)
			if top(dep) == top(pkg) && to <= from {
				continue
			}
			require.Less(t, to, from, "%s (rank %d) must not import %s (rank %d)", pkg, from, dep, to)
		}
	}
	require.Greater(t, seen, 10, "go list found too few packages")
}

// TestOnlyListsMakesPermits keeps the one door to the INVITE shut: outside of tests and benchmarks nobody calls the
// constructor that makes a permit without a database row.
func TestOnlyListsMakesPermits(t *testing.T) {
	out, err := exec.Command("git", "grep", "-l", "TestPermit(", "--", ":/*.go").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, f := range strings.Fields(string(out)) {
		ok := strings.HasSuffix(f, "_test.go") || strings.HasSuffix(f, "lists/permit.go") ||
			strings.Contains(f, "switchtest/") || strings.Contains(f, "/bare/")
		require.True(t, ok, "%s makes a permit without a database row", f)
	}
}
