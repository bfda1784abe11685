package api_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
)

var update = flag.Bool("update", false, "write the golden files anew; review the difference")

var parameter = regexp.MustCompile(`\{[a-z_]+\}`)

func fill(path string) string {
	return parameter.ReplaceAllStringFunc(path, func(name string) string {
		if name == "{version}" {
			return "1"
		}
		return uuid.NewString()
	})
}

// TestEveryRouteOpensToItsRolesOnly sends a request to every route as every role and as nobody.
func TestEveryRouteOpensToItsRolesOnly(t *testing.T) {
	h := open(t)
	for _, role := range roles {
		h.user(string(role), role)
	}
	tried := 0
	for _, r := range api.RouteTable() {
		try := func(role api.Role) int {
			tried++
			c := h.anonymous()
			if role != "" {
				_, err := c.Login(t.Context(), string(role), password)
				require.NoError(t, err)
			}
			resp, problem := request(t, c, r.Method, h.url+fill(r.Path), nil)
			if problem != nil {
				return problem.Status
			}
			return resp.StatusCode
		}
		name := r.Method + " " + r.Path
		status := try("")
		switch {
		case !r.Public:
			require.Equal(t, http.StatusUnauthorized, status, "%s as nobody", name)
		case r.ID == "play-shared-recording": // its token is its ticket, and this one is none
			require.Equal(t, http.StatusForbidden, status)
			continue
		default:
			require.NotContains(t, []int{401, 403, 500}, status, "%s as nobody", name)
		}
		for _, role := range roles {
			status := try(role)
			switch {
			case !r.Public && !slices.Contains(r.Roles, role):
				require.Equal(t, http.StatusForbidden, status, "%s as %s", name, role)
			default:
				require.NotContains(t, []int{401, 403, 500}, status, "%s as %s", name, role)
			}
		}
	}
	require.GreaterOrEqual(t, tried, 200)
}

// TestWhoMayDoWhatIsReviewed compares the table with a file that people read: a change of rights shows up as a difference.
func TestWhoMayDoWhatIsReviewed(t *testing.T) {
	var lines []string
	for _, r := range api.RouteTable() {
		who := "anyone"
		if !r.Public {
			var names []string
			for _, role := range roles {
				if slices.Contains(r.Roles, role) {
					names = append(names, string(role))
				}
			}
			who = strings.Join(names, " ")
		}
		lines = append(lines, fmt.Sprintf("%-6s %-44s %s\n", r.Method, r.Path, who))
	}
	sort.Strings(lines)
	have := strings.Join(lines, "")
	const file = "testdata/routes.txt"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(have), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), have, "rights changed: run with -update and review")
}
