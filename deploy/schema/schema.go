package schema

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver that goose runs on
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrBehind says that the database lacks migrations which this binary needs.
var ErrBehind = errors.New("the database schema is older than this program: run `dialtide migrate`")

// ErrAhead says that the database was migrated by a newer program.
var ErrAhead = errors.New("the database schema is newer than this program: install the newer program")

// Migrate brings the database at url to the newest version. It may be called by several processes at once.
func Migrate(ctx context.Context, url string) error {
	p, done, err := provider(url)
	if err != nil {
		return err
	}
	defer done()
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Check returns nil when the database is at this binary's version, [ErrBehind] or [ErrAhead] when not.
func Check(ctx context.Context, url string) error {
	p, done, err := provider(url)
	if err != nil {
		return err
	}
	defer done()
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	switch {
	case have < want:
		return ErrBehind
	case have > want:
		return ErrAhead
	}
	pending, err := p.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if pending { // of a lower number than the newest one
		return ErrBehind
	}
	return nil
}

func provider(url string) (*goose.Provider, func(), error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, nil, fmt.Errorf("open database: %w", err)
	}
	done := func() { _ = db.Close() }
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("read embedded migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("migration lock: %w", err)
	}
	// A branch may bring a migration of a lower number to a database that has later ones already.
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithSessionLocker(locker), goose.WithAllowOutofOrder(true))
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("migrations: %w", err)
	}
	return p, done, nil
}
