package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/dialtide/dialtide/deploy/asterisk"
)

// asteriskConfigCmd fills in the configuration files that the demo and the tests run on, for an operator's own Asterisk.
type asteriskConfigCmd struct {
	Out         string   `arg:"" type:"path" help:"Folder for the files; it must not exist yet, nothing is overwritten."`
	Carrier     string   `help:"The carrier's SIP address." required:"" placeholder:"HOST:PORT"`
	CarrierFrom []string `help:"Source addresses of the carrier's requests, when they differ from its address." placeholder:"IP"`
	SIPAddr     string   `name:"sip-addr" help:"This machine's address towards carrier and phones." required:"" placeholder:"IP"`
	HTTPAddr    string   `name:"http-addr" help:"Address of ARI: loopback or a private network." default:"127.0.0.1"`
	Modules     string   `help:"Folder of Asterisk's modules; default: where Debian's package has them on this machine."`
	Phones      int      `help:"How many agents' phones (agent-1001, …) may register." default:"10"`
}

func (c *asteriskConfigCmd) Run() error {
	if _, err := os.Stat(c.Out); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already: choose a new folder", c.Out)
	}
	if c.Modules == "" {
		c.Modules = modulesFolder()
	}
	p := asterisk.Params{
		Dirs: asterisk.Dirs{Etc: "/etc/asterisk", Modules: c.Modules, VarLib: "/var/lib/asterisk", DB: "/var/lib/asterisk",
			Keys: "/var/lib/asterisk", Data: "/usr/share/asterisk", Spool: "/var/spool/asterisk", Run: "/var/run/asterisk",
			Log: "/var/log/asterisk", Cache: "/var/cache/asterisk", Sbin: "/usr/sbin"},
		CarrierContact: c.Carrier, CarrierMatch: c.CarrierFrom, SIPAddr: c.SIPAddr, HTTPAddr: c.HTTPAddr, ARIPassword: rand.Text(), AMIPassword: rand.Text(), StrictRTP: true,
	}
	for n := range c.Phones {
		p.Agents = append(p.Agents, asterisk.Agent{Name: fmt.Sprintf("agent-%d", 1001+n), Secret: rand.Text()})
	}
	p = p.WithDefaults()
	if err := p.Validate(); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return err
	}
	if err := asterisk.Write(c.Out, p); err != nil {
		return err
	}
	fmt.Printf("files for /etc/asterisk are in %s; they hold passwords: read deploy/asterisk/README.md, then, as root,\n  install -o asterisk -g asterisk -m 640 %[1]s/*.conf /etc/asterisk/\n", filepath.Clean(c.Out))
	fmt.Printf("DIALTIDE_ARI_PASSWORD=%s\n", p.ARIPassword)
	fmt.Printf("DIALTIDE_AMI_PASSWORD=%s\n", p.AMIPassword)
	return nil
}

// modulesFolder is where Asterisk's modules are on this machine: Debian's package puts them below the architecture's name.
func modulesFolder() string {
	found, err := filepath.Glob("/usr/lib/*/asterisk/modules")
	if err == nil && len(found) > 0 {
		return found[0]
	}
	if triplet, ok := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]; ok {
		return "/usr/lib/" + triplet + "/asterisk/modules"
	}
	return "/usr/lib/asterisk/modules"
}
