package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// ensureAbsolute makes a clear error of a folder that cannot be used: servers run with another working directory.
func ensureAbsolute(server, dir string) error {
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("%s: folder %q must be an absolute path", server, dir)
	}
	if strings.ContainsAny(dir, "\n\x00") {
		return fmt.Errorf("%s: folder %q has a character that cannot be used", server, dir)
	}
	return nil
}

// exists tells whether path is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// newest returns the last of the glob's matches by the first number in the part that the star stands for.
func newest(pattern string) string {
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return ""
	}
	best, bestNumber := "", -1
	digits := regexp.MustCompile(`[0-9]+`)
	prefix := len(pattern[:strings.IndexByte(pattern, '*')])
	for _, m := range matches {
		number, err := strconv.Atoi(digits.FindString(m[prefix:]))
		if err != nil {
			number = 0
		}
		if number > bestNumber {
			best, bestNumber = m, number
		}
	}
	return best
}

// FindAsteriskRoot returns the private root that holds Asterisk 22, or "/" when the machine's own Asterisk is version 22 or
// later. It looks at DIALTIDE_ASTERISK_ROOT, then at var/asterisk-root (var is DIALTIDE_VAR when that is set) beside the
// nearest go.mod above the working directory, then at the machine's own.
func FindAsteriskRoot() (string, error) {
	if root := os.Getenv("DIALTIDE_ASTERISK_ROOT"); root != "" {
		if !exists(filepath.Join(root, "usr/sbin/asterisk")) {
			return "", fmt.Errorf("DIALTIDE_ASTERISK_ROOT=%s holds no usr/sbin/asterisk", root)
		}
		return filepath.Abs(root)
	}
	if dir, err := VarDir(); err == nil {
		if root := filepath.Join(dir, "asterisk-root"); exists(filepath.Join(root, "usr/sbin/asterisk")) {
			return root, nil
		}
	}
	version, err := hostAsteriskVersion()
	switch {
	case err == nil && version >= 22:
		return "/", nil
	case err == nil:
		return "", fmt.Errorf("Asterisk %d is too old, 22 is needed: run deploy/install.sh, which makes a private one", version)
	}
	return "", errors.New("Asterisk 22 is not installed: run deploy/install.sh")
}

// hostAsteriskVersion is the major version of the machine's own Asterisk.
func hostAsteriskVersion() (int, error) {
	path, err := exec.LookPath("asterisk")
	if err != nil {
		if path = "/usr/sbin/asterisk"; !exists(path) {
			return 0, err
		}
	}
	out, err := exec.Command(path, "-V").Output()
	if err != nil {
		return 0, err
	}
	digits := regexp.MustCompile(`[0-9]+`).FindString(string(out))
	return strconv.Atoi(digits)
}

// VarDir is the folder for everything that is made at run time: DIALTIDE_VAR, or var beside the nearest go.mod above the
// working directory.
func VarDir() (string, error) {
	if dir := os.Getenv("DIALTIDE_VAR"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if exists(filepath.Join(dir, "go.mod")) {
			return filepath.Join(dir, "var"), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory: run inside the repository or set DIALTIDE_VAR")
		}
		dir = parent
	}
}
