package lab

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// identity is the user that a server runs as when we are root.
type identity struct {
	name     string
	uid, gid uint32
}

// serviceUser picks the first of names that exists on this machine, then nobody. As an ordinary user it returns nil: the
// server runs as ourselves.
func serviceUser(names ...string) (*identity, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range append(names, "nobody") {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &identity{name: name, uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("none of the users %s and nobody exists: servers may not run as root", strings.Join(names, ", "))
}

func (id *identity) credential() *syscall.Credential {
	return &syscall.Credential{Uid: id.uid, Gid: id.gid, NoSetGroups: false}
}

// own makes dir with mode and gives it to the user.
func (id *identity) own(dir string, mode fs.FileMode) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(dir, mode); err != nil {
		return err
	}
	return id.chown(dir)
}

func (id *identity) chown(path string) error {
	if id == nil {
		return nil
	}
	return os.Chown(path, int(id.uid), int(id.gid))
}

// unreachable returns those of dirs that have a parent which the user may not enter.
func (id *identity) unreachable(dirs []string) []string {
	var out []string
	for _, d := range dirs {
		if id.closedParent(d) != "" {
			out = append(out, d)
		}
	}
	return out
}

// closedParent is the topmost parent of dir that the user may not enter, or "".
func (id *identity) closedParent(dir string) string {
	var parents []string
	for p := filepath.Dir(dir); p != "/" && p != "."; p = filepath.Dir(p) {
		parents = append(parents, p)
	}
	slices.Reverse(parents)
	for _, p := range parents {
		st, err := os.Stat(p)
		if err != nil {
			continue
		}
		sys, ok := st.Sys().(*syscall.Stat_t)
		if !ok {
			continue
		}
		bit := fs.FileMode(0o001)
		switch {
		case sys.Uid == id.uid:
			bit = 0o100
		case sys.Gid == id.gid:
			bit = 0o010
		}
		if st.Mode()&bit == 0 {
			return p
		}
	}
	return ""
}

// privateMounts wraps s so that, in a mount namespace of its own, the closed parents are covered by an empty folder in
// which only the wanted ones appear, at their own paths; then it drops root and starts the server. The process keeps its pid.
func privateMounts(s spec, dirs []string) (*exec.Cmd, error) {
	for _, tool := range []string{"unshare", "setpriv", "mount"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%s: user %s cannot enter %s, and %s is missing: run deploy/install.sh, or move the folder to a place that every user may enter",
				s.name, s.user.name, s.user.closedParent(dirs[0]), tool)
		}
	}
	stash := "/mnt"
	var b strings.Builder
	b.WriteString("set -e\n")
	fmt.Fprintf(&b, "mount -t tmpfs -o mode=755 tmpfs %s\n", stash)
	var covers []string
	for i, d := range dirs {
		fmt.Fprintf(&b, "mkdir %s/%d; mount --rbind %s %s/%d\n", stash, i, quote(d), stash, i)
		if c := s.user.closedParent(d); !slices.Contains(covers, c) {
			covers = append(covers, c)
		}
	}
	for _, c := range covers {
		fmt.Fprintf(&b, "mount -t tmpfs -o mode=755 tmpfs %s\n", quote(c))
	}
	for i, d := range dirs {
		fmt.Fprintf(&b, "mkdir -p %s; mount --move %s/%d %s\n", quote(d), stash, i, quote(d))
	}
	fmt.Fprintf(&b, "exec setpriv --reuid %d --regid %d --clear-groups --pdeathsig %s -- \"$@\"\n", s.user.uid, s.user.gid, unix.SignalName(s.onDeath))
	args := append([]string{"--mount", "--propagation", "private", "/bin/sh", "-c", b.String(), "lab", s.path}, s.args...)
	return exec.Command("unshare", args...), nil
}

// quote makes text one word of the shell.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
