package asterisk

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	config "github.com/dialtide/dialtide/deploy/asterisk"
)

// TestTheCheckAsksForEveryContext that the dialplan of deploy/asterisk has: a new one cannot be forgotten.
func TestTheCheckAsksForEveryContext(t *testing.T) {
	files, err := config.Render(config.Params{CarrierContact: "127.0.0.1:5060", ARIPassword: "only-for-a-test", Dirs: config.Dirs{Etc: "/a", Modules: "/a",
		VarLib: "/a", DB: "/a", Keys: "/a", Data: "/a", Spool: "/a", Run: "/a", Log: "/a", Cache: "/a", Sbin: "/a"}}.WithDefaults())
	require.NoError(t, err)
	asked := map[string]bool{contextClosed: true}
	for _, e := range neededExtensions {
		asked[e.context] = true
	}
	contexts := regexp.MustCompile(`(?m)^\[(dialtide-[a-z]+)\]`).FindAllStringSubmatch(string(files["extensions.conf"]), -1)
	require.GreaterOrEqual(t, len(contexts), 12)
	for _, c := range contexts {
		require.True(t, asked[c[1]], c[1])
	}
	require.Len(t, asked, len(contexts))
}
