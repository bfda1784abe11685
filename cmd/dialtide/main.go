package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/dialtide/dialtide/cmd/app"
)

// version is set by the linker in releases.
var version = "dev"

type cli struct {
	Serve          serveCmd          `cmd:"" help:"Run the dialer, the desktop and the API against your PostgreSQL, Redis and Asterisk."`
	Check          checkCmd          `cmd:"" help:"Say in plain words what is wrong with the set-up."`
	Migrate        migrateCmd        `cmd:"" help:"Bring the database to this program's version."`
	Import         importCmd         `cmd:"" help:"Load a CSV file of contacts into a list."`
	Simulate       simulateCmd       `cmd:"" help:"Compare ways of pacing on simulated campaigns."`
	User           userCmd           `cmd:"" help:"Manage accounts."`
	Reports        reportsCmd        `cmd:"" help:"Look after the sums that reports are made of."`
	Evidence       evidenceCmd       `cmd:"" help:"Check evidence packs."`
	RecordingKey   recordingKeyCmd   `cmd:"" help:"Make a key by which recordings are encrypted: a line for the file of recordings-keys."`
	AsteriskConfig asteriskConfigCmd `cmd:"" help:"Write the configuration files that your Asterisk needs."`

	Demo demoCmd `cmd:"" help:"Show everything on this machine: private servers, a simulated carrier, robot agents."`

	Config  kong.ConfigFlag  `help:"Configuration file (YAML) instead of /etc/dialtide/dialtide.yaml; keys are the flags' names." placeholder:"FILE" env:"DIALTIDE_CONFIG"`
	Version kong.VersionFlag `help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run carries out one command line: 0 done, 1 failed, 2 not understood.
func run(ctx context.Context, args []string) int {
	var c cli
	parser, err := newParser(ctx, &c)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dialtide:", err)
		return 2
	}
	k, err := parser.Parse(args)
	if err != nil {
		var file *app.FileError
		if errors.As(err, &file) {
			err = file // without the flag that was asked about when it was found
		}
		fmt.Fprintln(os.Stderr, "dialtide:", err)
		return 2
	}
	if err := k.Run(); err != nil {
		if !errors.Is(err, context.Canceled) {
			fmt.Fprintln(os.Stderr, "dialtide:", err)
		}
		return 1
	}
	return 0
}

func newParser(ctx context.Context, c *cli) (*kong.Kong, error) {
	return kong.New(c, kong.Name("dialtide"), kong.Description("Outbound call-center dialer and agent desktop."),
		kong.UsageOnError(), kong.DefaultEnvars("DIALTIDE"), kong.Configuration(app.YAML), kong.Resolvers(app.OrDefault(app.DefaultFile)),
		kong.Vars{"version": version}, kong.BindTo(ctx, (*context.Context)(nil)))
}
