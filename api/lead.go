package api

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/api/alert"
	"github.com/dialtide/dialtide/api/board"
	"github.com/dialtide/dialtide/api/webhook"
)

const (
	// lockLead is the class of the advisory lock of the process that leads; package lists and cmd/app have others.
	lockLead = 101
	leadLook = 2 * time.Second // how often the leader makes sure of its lock
	leadWait = 5 * time.Second // how often the others try to get it
)

// lead runs work while this process is the one of all that leads: the board's counts, alerts and posts are made once, however
// many processes there are. The lock goes with its connection, so that another takes over within seconds of a crash. It returns
// when ctx ends.
func (s *Server) lead(ctx context.Context, work func(ctx context.Context)) error {
	tick := time.NewTicker(leadWait)
	defer tick.Stop()
	for {
		if err := s.leadOnce(ctx, work); err != nil && ctx.Err() == nil {
			s.opts.Log.Warn("whether this process leads is not known while the database is away", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// leadOnce leads until the lock is lost or ctx ends; it returns at once when another process leads.
func (s *Server) leadOnce(ctx context.Context, work func(ctx context.Context)) error {
	conn, err := pgx.ConnectConfig(ctx, s.opts.Pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), leadLook)
		defer cancel()
		_ = conn.Close(end) // the lock goes with the connection either way
	}()
	var ours bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, 0)`, lockLead).Scan(&ours); err != nil || !ours {
		return err
	}
	leading, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(leading)
	}()
	err = holdLead(leading, conn)
	stop()
	<-done
	return err
}

// holdLead returns when the connection that holds the lock no longer answers, or ctx ends.
func holdLead(ctx context.Context, conn *pgx.Conn) error {
	tick := time.NewTicker(leadLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		ping, cancel := context.WithTimeout(ctx, leadLook)
		err := conn.Ping(ping)
		cancel()
		if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
			return fmt.Errorf("the lock of the leader is lost: %w", err)
		}
	}
}

// room is what the supervisors' room is made of.
type room struct {
	board  *board.Feed
	alerts *alert.Service
	hooks  *webhook.Store
	posts  *webhook.Deliverer
}

// makeRoom makes the parts that the leader works on and the routes reach into.
func (s *Server) makeRoom() {
	o := s.opts
	s.board = board.New(o.Store, o.Hub, o.Now, o.Log)
	s.alerts = alert.New(o.Pool, o.Hub, o.Now, o.Log)
	guard := webhook.Guard{Allow: o.WebhookAllow}
	s.hooks = webhook.NewStore(o.Pool, guard)
	s.posts = webhook.New(webhook.Config{Pool: o.Pool, Guard: guard, Now: o.Now, Log: o.Log, Registerer: o.Registry})
}

// leading is what one process of all does for the others.
func (s *Server) leading(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.board.Run(ctx) })
	all.Go(func() { s.alerts.Run(ctx) })
	all.Go(func() { s.posts.Run(ctx) })
	all.Go(func() { s.quality.Run(ctx, s.opts.Log) })
	all.Wait()
}
