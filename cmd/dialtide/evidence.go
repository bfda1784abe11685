package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/api/evidence"
	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/lists"
)

type evidenceCmd struct {
	Verify evidenceVerifyCmd `cmd:"" help:"Check that an evidence pack is as it was made."`
}

type evidenceVerifyCmd struct {
	File     string `arg:"" type:"existingfile" help:"The pack, a ZIP file."`
	Database string `help:"PostgreSQL URL of the installation that made it: also check that its audit log knows the pack."`
}

func (c *evidenceVerifyCmd) Run(ctx context.Context) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	m, err := evidence.Verify(f, info.Size())
	if err != nil {
		return err
	}
	fmt.Printf("%d files are as they were made: %s, %s to %s\nmanifest %s\naudit log: %d entries, head %s\n", len(m.Files), m.Name,
		m.From.Format(time.RFC3339), m.To.Format(time.RFC3339), m.Sum(), m.Audit.Entries, m.Audit.Hash)
	if c.Database == "" {
		return nil
	}
	pool, err := pgxpool.New(ctx, c.Database)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	known, err := evidence.Known(ctx, pool, &m)
	if err != nil {
		return err
	}
	if !known {
		return errors.New("the audit log of this installation does not know the pack: it was not made here, or not to its end")
	}
	n, err := lists.New(pool).VerifyAudit(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("the audit log knows the pack, and its %d entries are sound\n", n)
	return nil
}

type reportsCmd struct {
	Rebuild reportsRebuildCmd `cmd:"" help:"Sum up reports again from the raw rows; the result is the same unless sums were damaged."`
}

type reportsRebuildCmd struct {
	Database string    `help:"PostgreSQL URL." required:""`
	From     time.Time `help:"First day." format:"2006-01-02" required:""`
	To       time.Time `help:"Last day." format:"2006-01-02" required:""`
}

func (c *reportsRebuildCmd) Run(ctx context.Context) error {
	pool, err := pgxpool.New(ctx, c.Database)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	n, err := report.NewFolder(lists.New(pool), nil, nil).Rebuild(ctx, c.From, c.To.AddDate(0, 0, 1), func(day time.Time) { fmt.Println(day.Format(time.DateOnly)) })
	if err != nil {
		return err
	}
	fmt.Printf("%d quarters of an hour of campaigns are summed up again\n", n)
	return nil
}
