package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dialtide/dialtide/cmd/app"
	"github.com/dialtide/dialtide/cmd/demo"
	"github.com/dialtide/dialtide/deploy/schema"
)

type serveCmd struct {
	app.Config
	Migrate bool `help:"Bring the database to this program's version first."`
}

func (c *serveCmd) Run(ctx context.Context) error {
	if c.Migrate {
		if err := schema.Migrate(ctx, c.Database); err != nil {
			return err
		}
	}
	log := c.Logger(os.Stderr)
	return app.Run(ctx, c.Config, log, version, func(addr string) { log.Info("serving", "desktop", "http://"+addr, "node", c.Node) })
}

type checkCmd struct{ app.Config }

func (c *checkCmd) Run(ctx context.Context) error {
	wrong := 0
	for _, f := range app.Check(ctx, c.Config) {
		mark := "ok     "
		switch {
		case !f.OK:
			mark = "WRONG  "
			wrong++
		case f.Warning:
			mark = "warning"
		}
		fmt.Printf("%s  %-11s %s\n", mark, f.Part, f.Text)
	}
	if wrong > 0 {
		return fmt.Errorf("things to put right: %d", wrong)
	}
	return nil
}

type migrateCmd struct {
	Database string `help:"PostgreSQL URL." required:""`
}

func (c *migrateCmd) Run(ctx context.Context) error {
	if err := schema.Migrate(ctx, c.Database); err != nil {
		return err
	}
	fmt.Println("the database is at this program's version")
	return nil
}

type demoCmd struct {
	Var    string `help:"Folder that keeps the demo's servers and data." default:"var" type:"path"`
	Listen string `help:"Address of the desktop; default 127.0.0.1:8080." placeholder:"HOST:PORT" env:"-"`
}

func (c *demoCmd) Run(ctx context.Context) error {
	dir, err := filepath.Abs(filepath.Join(c.Var, "demo"))
	if err != nil {
		return err
	}
	return demo.Run(ctx, demo.Options{Dir: dir, Version: version, Listen: c.Listen}, os.Stdout)
}
