package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/term"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

type importCmd struct {
	Database string `help:"PostgreSQL URL." required:""`
	List     string `help:"Name or id of the list; a new name makes a new list." required:""`
	Region   string `help:"Country of numbers without a country code, for a new list." default:"US"`
	File     string `arg:"" type:"existingfile" help:"CSV file with a header line; one column must be called phone, mobile, 电话 or the like."`
}

func (c *importCmd) Run(ctx context.Context) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, c.Database)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	store := lists.New(pool)
	list, err := c.list(ctx, store)
	if err != nil {
		return err
	}
	bar := newBar(info.Size())
	report, err := importer.Load(ctx, store, filepath.Base(c.File), importer.ImportRequest{ListID: list.ID, Region: list.Region,
		Reader: file, Size: info.Size(), OnProgress: bar.show})
	bar.end()
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	fmt.Printf("list %q: %d rows read, %d contacts accepted, %d rejected (%s, delimiter %s)\n",
		list.Name, report.RowsRead, report.Accepted, report.Rejected, report.Encoding, report.Delimiter)
	for reason, n := range report.Reasons {
		fmt.Printf("  %-22s %d\n", reason, n)
	}
	return nil
}

// list finds the list by id or name, or makes it.
func (c *importCmd) list(ctx context.Context, store *lists.Store) (lists.List, error) {
	if id, err := uuid.Parse(c.List); err == nil {
		return store.List(ctx, id)
	}
	all, err := store.Lists(ctx)
	if err != nil {
		return lists.List{}, err
	}
	for _, l := range all {
		if l.Name == c.List {
			return l, nil
		}
	}
	return store.CreateList(ctx, lists.List{Name: c.List, Region: c.Region})
}

// bar is a progress bar on a terminal, and silent elsewhere.
type bar struct {
	size  int64
	on    bool
	start time.Time
}

func newBar(size int64) *bar {
	return &bar{size: size, on: term.IsTerminal(int(os.Stderr.Fd())), start: time.Now()}
}

func (b *bar) show(p importer.Progress) {
	if !b.on || b.size == 0 {
		return
	}
	const width = 40
	done := min(float64(p.BytesRead)/float64(b.size), 1)
	fill := int(done * width)
	fmt.Fprintf(os.Stderr, "\r\033[K  [%s%s] %3.0f %%  %d accepted, %d rejected", strings.Repeat("=", fill), strings.Repeat(" ", width-fill),
		100*done, p.Accepted, p.Rejected)
}

func (b *bar) end() {
	if b.on {
		fmt.Fprintln(os.Stderr)
	}
}
