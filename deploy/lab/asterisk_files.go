package lab

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	config "github.com/dialtide/dialtide/deploy/asterisk"
)

// maxRunDir leaves room for "/asterisk.ctl": the path of a Unix socket has at most 107 bytes.
const maxRunDir = 107 - len("/asterisk.ctl")

// asteriskProgram is Asterisk as it is run on this machine.
type asteriskProgram struct {
	root    string // "/" for the machine's own
	path    string // the program inside root
	loader  string // dynamic loader of a private root
	libs    string // its library path
	modules string
	data    string // sounds, documentation
}

// findAsteriskProgram locates program, modules and data in root.
func findAsteriskProgram(root string) (asteriskProgram, error) {
	p := asteriskProgram{root: root, path: filepath.Join(root, "usr/sbin/asterisk"), data: filepath.Join(root, "usr/share/asterisk")}
	if !exists(p.path) {
		return p, fmt.Errorf("Asterisk: %s is missing: run deploy/install.sh", p.path)
	}
	p.modules = newest(filepath.Join(root, "usr/lib/*/asterisk/modules"))
	if p.modules == "" {
		return p, fmt.Errorf("Asterisk: no modules below %s/usr/lib: run deploy/install.sh", strings.TrimSuffix(root, "/"))
	}
	if root == "/" {
		return p, nil
	}
	p.libs = filepath.Dir(filepath.Dir(p.modules))
	loaders, err := filepath.Glob(filepath.Join(p.libs, "ld-linux*.so.*"))
	if err != nil || len(loaders) == 0 {
		return p, fmt.Errorf("Asterisk: no dynamic loader in %s: remove %s and run deploy/install.sh", p.libs, root)
	}
	p.loader = loaders[0]
	return p, nil
}

// spec calls Asterisk with args. A private root's program is run by that root's own loader with its own libraries: no chroot,
// no rights, and all paths mean the same as outside.
func (p asteriskProgram) spec(args ...string) spec {
	if p.loader == "" {
		return spec{path: p.path, args: args}
	}
	loader := []string{"--argv0", "asterisk", "--library-path", p.libs, p.path}
	return spec{path: p.loader, args: append(loader, args...), dirs: []string{p.root}}
}

// prepare makes folders, configuration and sounds.
func (a *AsteriskServer) prepare(ctx context.Context) error {
	if err := a.chooseRunDir(); err != nil {
		return err
	}
	d := a.params.Dirs
	if err := a.user.own(a.opts.Dir, 0o755); err != nil {
		return fmt.Errorf("Asterisk: %w", err)
	}
	for _, dir := range []string{d.Etc, d.VarLib, d.Data, d.Spool, d.Run, d.Log, d.Cache, filepath.Join(d.Log, "cdr-custom"), filepath.Join(d.Keys, "keys")} {
		if err := a.user.own(dir, 0o750); err != nil {
			return fmt.Errorf("Asterisk: %w", err)
		}
	}
	if err := config.Write(d.Etc, a.params); err != nil {
		return err
	}
	files, err := os.ReadDir(d.Etc)
	if err != nil {
		return fmt.Errorf("Asterisk: %w", err)
	}
	for _, f := range files {
		if err := a.user.chown(filepath.Join(d.Etc, f.Name())); err != nil {
			return fmt.Errorf("Asterisk: %w", err)
		}
	}
	return a.makeData(ctx)
}

// chooseRunDir puts the control socket into a temporary folder where its own path would be too long for the kernel.
func (a *AsteriskServer) chooseRunDir() error {
	if len(a.params.Dirs.Run) <= maxRunDir {
		return nil
	}
	dir, err := os.MkdirTemp("", "dialtide-run-")
	if err != nil {
		return fmt.Errorf("Asterisk: its control socket needs a short path: %w", err)
	}
	a.params.Dirs.Run, a.runTmp = dir, dir
	return nil
}

// removeRunDir removes what chooseRunDir made; the next start makes it again at the same place.
func (a *AsteriskServer) removeRunDir() error {
	if a.runTmp == "" {
		return nil
	}
	return os.RemoveAll(a.runTmp)
}

// Sounds is its folder of sounds, with ours in the folder dialtide of it.
func (a *AsteriskServer) Sounds() string { return filepath.Join(a.params.Dirs.Data, "sounds", "en") }

// makeData builds the data folder: what the package ships, by links, and our own messages.
func (a *AsteriskServer) makeData(ctx context.Context) error {
	data := a.params.Dirs.Data
	sounds := a.Sounds()
	if err := os.MkdirAll(sounds, 0o755); err != nil {
		return fmt.Errorf("Asterisk: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(data, "moh"), 0o755); err != nil {
		return fmt.Errorf("Asterisk: %w", err)
	}
	err := errors.Join(linkAll(a.prog.data, data), linkAll(filepath.Join(a.prog.data, "sounds", "en_US_f_Allison"), sounds))
	if err != nil {
		return fmt.Errorf("Asterisk: %w", err)
	}
	return makeSounds(ctx, filepath.Join(sounds, "dialtide"), filepath.Join(data, "moh"), config.SoundList)
}

// linkAll makes in to a link to each entry of from, except where the name is there already.
func linkAll(from, to string) error {
	entries, err := os.ReadDir(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		link := filepath.Join(to, e.Name())
		if _, err := os.Lstat(link); err == nil {
			continue
		}
		if err := os.Symlink(filepath.Join(from, e.Name()), link); err != nil {
			return err
		}
	}
	return nil
}

// makeSounds runs make-sounds.sh unless the same list was made there before, with the music for customers on hold.
func makeSounds(ctx context.Context, dir, music, list string) error {
	stamp := filepath.Join(dir, "sounds.txt")
	if made, err := os.ReadFile(stamp); err == nil && string(made) == list && exists(filepath.Join(music, "dialtide-hold.ulaw")) {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("Asterisk: %w", err)
	}
	fresh := stamp + ".new"
	if err := os.WriteFile(fresh, []byte(list), 0o644); err != nil {
		return fmt.Errorf("Asterisk: %w", err)
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", config.SoundScript, "make-sounds.sh", fresh, dir, music)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("Asterisk: its messages could not be made: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return os.Rename(fresh, stamp)
}

// randomSecret is 26 letters and digits, 128 bits.
func randomSecret() string { return rand.Text() }
