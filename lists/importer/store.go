package importer

import (
	"context"
	"errors"
	"maps"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtide/dialtide/lists"
)

// atOnce is how many steps the database works on. One reads and parses on its side while the other one waits for pages and locks,
// and a second processor has work.
const atOnce = 2

// flight is a step under way.
type flight struct {
	batch *batch
	turn  *lists.Turn
	ended chan struct{}
	out   lists.Stepped
	err   error
}

// storeAll stores batches in their order, two at a time where they are known to hold new contacts only.
func (r *running) storeAll(ctx context.Context, batches <-chan *batch) (err error) {
	defer func() {
		for _, f := range r.flying { // nothing of the import goes on behind its end
			<-f.ended
		}
	}()
	for b := range batches {
		if err := r.scrub(ctx, b); err != nil {
			return err
		}
		if !r.lane || !b.step.Known {
			if err := r.land(ctx, 0); err != nil {
				return err
			}
			if err := r.commit(ctx, b); err != nil {
				return err
			}
			continue
		}
		if err := r.land(ctx, atOnce-1); err != nil {
			return err
		}
		r.launch(ctx, b)
	}
	return r.land(ctx, 0)
}

// launch begins to store a batch.
func (r *running) launch(ctx context.Context, b *batch) {
	f := &flight{batch: b, turn: lists.NewTurn(), ended: make(chan struct{})}
	b.step.Reasons = r.reasons(b)
	var before *lists.Turn
	if n := len(r.flying); n > 0 {
		before = r.flying[n-1].turn
	}
	r.flying = append(r.flying, f)
	go func() {
		defer close(f.ended)
		f.out, f.err = r.store.AdvanceInTurn(ctx, r.req.ImportID, r.req.ListID, b.step, before, f.turn)
	}()
}

// reasons are those of all rejects up to the batch, as far as they are known before it is stored.
func (r *running) reasons(b *batch) map[string]int64 {
	all := maps.Clone(r.report.Reasons)
	if all == nil {
		all = map[string]int64{}
	}
	add := func(counts map[string]int64) {
		for reason, n := range counts {
			all[reason] += n
		}
	}
	for _, f := range r.flying {
		add(f.batch.counts)
	}
	add(b.counts)
	return all
}

// land waits until not more than left steps are under way. When one failed, it and those after it are stored one by one: somebody
// else may have added one of the contacts in the meantime.
func (r *running) land(ctx context.Context, left int) error {
	for len(r.flying) > left {
		f := r.flying[0]
		<-f.ended
		if f.err == nil {
			r.flying = r.flying[1:]
			if err := r.took(f.out); err != nil {
				return err
			}
			continue
		}
		// Only where the database said that nothing came of it: a lost connection leaves that open.
		var refused *pgconn.PgError
		if !errors.As(f.err, &refused) && !errors.Is(f.err, lists.ErrOutOfTurn) {
			return f.err
		}
		again := r.flying
		for _, f := range again {
			<-f.ended
		}
		r.flying = nil
		for _, f := range again {
			if err := r.commit(ctx, f.batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// commit stores a batch. Reasons that only the database finds are counted there.
func (r *running) commit(ctx context.Context, b *batch) error {
	b.step.Reasons = r.reasons(b)
	out, err := r.store.Advance(ctx, r.req.ImportID, r.req.ListID, b.step)
	if err != nil {
		return err
	}
	return r.took(out)
}

// took tells how far the import is.
func (r *running) took(out lists.Stepped) error {
	now := out.Import
	r.report = Report{RowsRead: now.RowsRead, Accepted: now.Accepted, Updated: now.Updated, Rejected: now.Rejected, OnDNC: now.OnDNC,
		Reasons: now.Reasons, Encoding: now.Encoding, Delimiter: now.Delimiter}
	if r.req.OnProgress != nil {
		r.req.OnProgress(Progress{BytesRead: now.BytesRead, BytesTotal: r.req.Size, RowsRead: now.RowsRead, Accepted: now.Accepted, Updated: now.Updated,
			Rejected: now.Rejected, OnDNC: now.OnDNC})
	}
	if now.Cancel {
		return ErrCancelled
	}
	return nil
}
