package e2e

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// usage is the processor time that was used up to a moment, in seconds since the machine started: by everybody, and by
// our own processes under names that a table can show.
type usage struct {
	at   time.Time
	busy float64
	ours map[string]float64
}

// Names in usage.ours.
const (
	inAsterisk = "asterisk"
	inPostgres = "postgres"
	inRedis    = "redis"
	inProduct  = "dialtide"
	inHarness  = "harness" // this process: carrier, phones, robots, the bare client
)

// ticks of /proc are hundredths of a second on every Linux that Go runs on (USER_HZ).
const ticks = 100

// readUsage looks at /proc. Time in interrupts is nobody's, and so not counted.
func readUsage(t testing.TB) usage {
	u := usage{at: time.Now(), ours: map[string]float64{}}
	stat, err := os.ReadFile("/proc/stat")
	require.NoError(t, err)
	fields := strings.Fields(strings.SplitN(string(stat), "\n", 2)[0])
	for _, i := range []int{1, 2, 3, 8} { // user, nice, system, steal
		u.busy += seconds(fields[i])
	}
	parents, used := map[int]int{}, map[int]float64{}
	dirs, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	for _, dir := range dirs {
		line, err := os.ReadFile(filepath.Join(dir, "stat"))
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(dir))
		f := strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:])) // from the state on
		parents[pid], _ = strconv.Atoi(f[1])
		used[pid] = seconds(f[11]) + seconds(f[12]) + seconds(f[13]) + seconds(f[14]) // own, and of children that have ended
	}
	for pid := range used {
		if name := ours(pid, parents); name != "" {
			u.ours[name] += used[pid]
		}
	}
	return u
}

func seconds(field string) float64 {
	n, _ := strconv.ParseFloat(field, 64) // of the kernel's making
	return n / ticks
}

// ours names the part of the benchmark that a process belongs to, "" for what is not ours.
func ours(pid int, parents map[int]int) string {
	me, up := os.Getpid(), pid
	for up != me {
		if up = parents[up]; up <= 1 {
			return ""
		}
	}
	if pid == me {
		return inHarness
	}
	line, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline")) // empty when it has just ended
	program, _, _ := bytes.Cut(line, []byte{0})
	if bytes.Contains(line, []byte("asterisk.conf")) {
		return inAsterisk // whose first word may be a loader's
	}
	for _, name := range []string{inPostgres, inRedis} {
		if bytes.Contains(program, []byte(name)) {
			return name
		}
	}
	return inProduct
}

// since is what was used from one look to the next: cores by part, and under others what is not ours.
func (u usage) since(before usage) (cores map[string]float64, others float64) {
	wall := u.at.Sub(before.at).Seconds()
	cores, others = map[string]float64{}, (u.busy-before.busy)/wall
	for name, s := range u.ours {
		cores[name] = (s - before.ours[name]) / wall
		others -= cores[name]
	}
	return cores, max(0, others)
}

// work does a fixed piece of work on one core, three times, and returns the shortest time.
func work(t testing.TB, core int) (took time.Duration) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var had, one unix.CPUSet
	require.NoError(t, unix.SchedGetaffinity(0, &had))
	one.Set(core)
	require.NoError(t, unix.SchedSetaffinity(0, &one))
	defer func() { require.NoError(t, unix.SchedSetaffinity(0, &had)) }()
	page := make([]byte, 1<<20)
	for range 3 {
		began := time.Now()
		for range 32 {
			sum := sha256.Sum256(page)
			page[0] = sum[0]
		}
		if d := time.Since(began); took == 0 || d < took {
			took = d
		}
	}
	return took
}

// pin keeps all threads of the processes to one core; those that they start later stay there too.
func pin(t testing.TB, core int, pids ...int) {
	t.Helper()
	var set unix.CPUSet
	set.Set(core)
	for _, pid := range pids {
		threads, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
		require.NoError(t, err)
		for _, thread := range threads {
			tid, _ := strconv.Atoi(thread.Name())
			require.NoError(t, unix.SchedSetaffinity(tid, &set))
		}
	}
}

// pidsOf are our own processes of one name.
func pidsOf(t testing.TB, name string) []int {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	parents := map[int]int{}
	for _, dir := range dirs {
		line, err := os.ReadFile(filepath.Join(dir, "stat"))
		if err != nil {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(dir))
		f := strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:]))
		parents[pid], _ = strconv.Atoi(f[1])
	}
	var out []int
	for pid := range parents {
		if ours(pid, parents) == name {
			out = append(out, pid)
		}
	}
	return out
}
