package lists

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ErrOutOfTurn is the error of a step that cannot be stored beside the one before it: [Store.Advance] is to be asked.
var ErrOutOfTurn = errors.New("the step before failed, or the import does not have the list's lane")

// turnPatience bounds how long a step waits for the one before it, which a change of the tables may hold up behind the step.
const turnPatience = 30 * time.Second

// Turn is the place of a step among those of its import. NewTurn makes one for each.
type Turn struct {
	placed, ended chan struct{}
	once          sync.Once
	stored        bool // read after ended
}

// NewTurn returns a turn that has not begun.
func NewTurn() *Turn { return &Turn{placed: make(chan struct{}), ended: make(chan struct{})} }

func (t *Turn) place() { t.once.Do(func() { close(t.placed) }) }

func (t *Turn) end(stored bool) {
	t.place()
	t.stored = stored
	close(t.ended)
}

// after waits until the turn has its places in the list, or until it was stored. A nil turn is over.
func (t *Turn) after(ctx context.Context, stored bool) error {
	if t == nil {
		return nil
	}
	moment := t.placed
	if stored {
		moment = t.ended
	}
	patience := time.NewTimer(turnPatience)
	defer patience.Stop()
	select {
	case <-moment:
		if stored && !t.stored {
			return ErrOutOfTurn
		}
		return nil
	case <-patience.C:
		return ErrOutOfTurn
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// TakeLane gives a list's lane to an import that runs, unless another one that runs has it. Only with it AdvanceInTurn works.
func (s *Store) TakeLane(ctx context.Context, list, importID uuid.UUID) (mine bool, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockListSQL, lockList, list.String()); err != nil { // no step of whoever has it is under way
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE lists l SET lane = $2 WHERE id = $1 AND (lane IS NULL OR lane = $2
			OR NOT EXISTS (SELECT FROM imports i WHERE i.id = l.lane AND i.state = 'running'))`, list, importID)
		mine = tag.RowsAffected() > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("take the lane of list %s: %w", list, err)
	}
	return mine, nil
}

// laneSQL gives $3 places at the end of the list, if the import has its lane.
const laneSQL = `SELECT CASE WHEN lane = $2 THEN ARRAY(SELECT nextval('contacts_seq_seq') FROM generate_series(1, $3::int)) END FROM lists WHERE id = $1`

// AdvanceInTurn is [Store.Advance] for a step whose contacts are known to be in the list nowhere, beside the step before it: the
// database takes the contacts of both at once. before is the turn of that step, nil when none is under way. The order of seq
// stays the order of commits: a step gets its places after the one before has got them, and is committed after it; both hold the
// list's lock shared, and everybody else who adds contacts takes it alone. Any error leaves the step undone, and
// those after it fail with ErrOutOfTurn.
func (s *Store) AdvanceInTurn(ctx context.Context, id, list uuid.UUID, step ImportStep, before, turn *Turn) (out Stepped, err error) {
	defer func() { turn.end(err == nil) }()
	out.Known = true
	if err := before.after(ctx, false); err != nil {
		return out, err
	}
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		p := &upserter{list: list, importID: id, contacts: step.Contacts, placed: make([]Upserted, len(step.Contacts))}
		if err := p.enter(ctx, tx); err != nil {
			return err
		}
		turn.place()
		p.allFresh()
		counts, err := p.copy(ctx, tx)
		if err != nil {
			return err
		}
		if err := before.after(ctx, true); err != nil {
			return err
		}
		if err := counts.write(ctx, tx); err != nil {
			return err
		}
		out.Import, out.Duplicates, err = record(ctx, tx, id, &step, p.placed)
		return err
	})
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Stepped{}, fmt.Errorf("advance import %s in its turn: %w", id, err)
	}
	return out, nil
}

// enter takes the list's lock shared, and places in the list.
func (p *upserter) enter(ctx context.Context, tx pgx.Tx) error {
	b := &pgx.Batch{}
	b.Queue(lazySQL)
	b.Queue(`SELECT pg_advisory_xact_lock_shared($1, hashtext($2::text))`, lockList, p.list.String())
	b.Queue(laneSQL, p.list, p.importID, len(p.contacts)).QueryRow(func(row pgx.Row) error { return row.Scan(&p.seqs) })
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if p.seqs == nil && len(p.contacts) > 0 {
		return ErrOutOfTurn
	}
	return nil
}
