package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// lockNode is the class of the advisory lock that a process holds on its name; package lists has the lower ones.
	lockNode    = 100
	nodeLook    = 2 * time.Second
	nodePatient = 8 * time.Second // a process that was just killed may still be known to the database
)

var (
	errNodeTaken   = errors.New("another process has this node name")
	errNodeLingers = errors.New("the database still knew the connection that had the node's name")
)

// nodeLock keeps a second process of the same name away: two of them would take the ARI application and the leases from
// each other in turn, and each would end the other's calls as strangers.
type nodeLock struct {
	url, node string
	log       *slog.Logger
	conn      *pgx.Conn
	pid       uint32 // of the server's process that had the lock last
}

// holdNode takes the name, waiting a little for one that is about to be given up.
func holdNode(ctx context.Context, url, node string, log *slog.Logger) (*nodeLock, error) {
	l := &nodeLock{url: url, node: node, log: log}
	deadline := time.Now().Add(nodePatient)
	for {
		err := l.take(ctx)
		if err == nil {
			return l, nil
		}
		if !errors.Is(err, errNodeTaken) || time.Now().After(deadline) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(nodeLook / 4):
		}
	}
}

func (l *nodeLock) take(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, l.url)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	var ok bool
	err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, hashtext($2))`, lockNode, l.node).Scan(&ok)
	if err == nil && !ok {
		err = l.taken(ctx, conn)
	}
	if err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	l.conn, l.pid = conn, conn.PgConn().PID()
	return nil
}

// taken says why the name is not to be had: another process has it, or the connection that this one has given up, which a database
// that is slow to answer does not know yet. That one is ended there, and the name is to be had at the next look.
func (l *nodeLock) taken(ctx context.Context, conn *pgx.Conn) error {
	var own bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = $3
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND classid::bigint = $1::bigint AND objid::bigint = hashtext($2)::bigint & 4294967295)`, lockNode, l.node, int64(l.pid)).Scan(&own)
	switch {
	case err != nil:
		return fmt.Errorf("look who has the node's name: %w", err)
	case !own:
		return fmt.Errorf("%w: end the other process called %q, or give this one another --node", errNodeTaken, l.node)
	}
	if _, err := conn.Exec(ctx, `SELECT pg_terminate_backend($1::int)`, int64(l.pid)); err != nil {
		return fmt.Errorf("end the connection that is lost: %w", err)
	}
	return errNodeLingers
}

// run keeps the lock until ctx ends. It returns an error when another process has taken the name while the database was
// away; as long as the database is away nobody can claim anything.
func (l *nodeLock) run(ctx context.Context) error {
	tick := time.NewTicker(nodeLook)
	defer tick.Stop()
	defer l.release()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if l.conn != nil && l.ping(ctx) == nil {
			continue
		}
		l.release()
		err := l.take(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errNodeTaken):
			return err
		case err != nil:
			l.log.Warn("the lock on the node's name is lost until the database is back", "err", err)
		}
	}
}

func (l *nodeLock) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, nodeLook)
	defer cancel()
	return l.conn.Ping(ctx)
}

func (l *nodeLock) release() {
	if l.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), nodeLook)
	defer cancel()
	_ = l.conn.Close(ctx) // the lock goes with the connection either way
	l.conn = nil
}
