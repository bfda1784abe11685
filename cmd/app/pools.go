package app

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/lists"
)

// pools keeps three ways to the database apart, so that neither reports nor a burst of dials can make a disposition wait
// (invariant I16).
type pools struct {
	dial *pgxpool.Pool // claims, permits, endings
	desk *pgxpool.Pool // dispositions, agents' states
	api  *pgxpool.Pool // pages, imports, recordings
}

func openPools(ctx context.Context, url string) (*pools, error) {
	p := &pools{}
	for _, one := range []struct {
		into      **pgxpool.Pool
		name      string
		size      int32
		statement string // longest statement
	}{
		{&p.dial, "dialtide dial", 8, "10s"},
		{&p.desk, "dialtide desk", 6, "10s"},
		{&p.api, "dialtide api", 12, "60s"},
	} {
		cfg, err := pgxpool.ParseConfig(url)
		if err != nil {
			p.close()
			return nil, fmt.Errorf("database URL: %w", err)
		}
		cfg.MaxConns, cfg.MinIdleConns = one.size, 1
		params := cfg.ConnConfig.RuntimeParams
		params["application_name"] = one.name
		params["statement_timeout"] = one.statement
		params["idle_in_transaction_session_timeout"] = "30s"
		cfg.AfterConnect = lists.Types
		if *one.into, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
			p.close()
			return nil, fmt.Errorf("database: %w", err)
		}
	}
	return p, nil
}

func (p *pools) close() {
	for _, pool := range []*pgxpool.Pool{p.dial, p.desk, p.api} {
		if pool != nil {
			pool.Close()
		}
	}
}
