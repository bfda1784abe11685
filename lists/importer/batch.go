package importer

import (
	"context"
	"errors"
	"io"

	"github.com/dialtide/dialtide/lists"
)

const (
	batchRows  = 10_000
	batchBytes = 8 << 20
	maxListed  = 1_000_000 // rejected rows that are stored
)

// batch is what is committed together.
type batch struct {
	step   lists.ImportStep
	cells  [][]string       // of each contact
	counts map[string]int64 // its rejects by reason
	size   int
	read   int
}

// readAll reads the file into batches until its end.
func (r *running) readAll(ctx context.Context, out chan<- *batch) error {
	r.batch = &batch{counts: map[string]int64{}}
	var x row
	for {
		err := r.sheet.next(&x)
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return errors.Join(err, r.send(ctx, out))
		}
		r.add(&x)
		if r.batch.read >= batchRows || r.batch.size >= batchBytes {
			if err := r.send(ctx, out); err != nil {
				return err
			}
		}
	}
}

func (r *running) add(x *row) {
	r.rows++
	b := r.batch
	b.read++
	if x.reject != nil {
		r.reject(*x.reject)
		return
	}
	n := packed(x.contact.Number.E164)
	if r.seen != nil {
		if had, mark := r.seen.add(n, inFile); had {
			reason := lists.DuplicateInFile
			if mark == inList {
				reason = lists.DuplicateInList
			}
			r.reject(lists.Reject{Row: x.no, Field: "phone", Value: x.contact.Number.E164, Reason: reason, Record: copied(x.cells)})
			return
		}
	}
	if r.barred != nil && r.barred.has(n) {
		if r.req.Plan.OnDNC == "reject" {
			r.reject(lists.Reject{Row: x.no, Field: "phone", Value: x.contact.Number.E164, Reason: NumberOnDNC, Record: copied(x.cells)})
			return
		}
		x.contact.OnDNC = true
	}
	b.step.Contacts, b.step.Rows = append(b.step.Contacts, x.contact), append(b.step.Rows, x.no)
	if r.sheet.keep {
		b.cells = append(b.cells, x.cells)
	} else {
		b.cells = append(b.cells, nil)
	}
	b.size += x.size
}

func (r *running) reject(x lists.Reject) {
	b := r.batch
	b.counts[x.Reason]++
	b.size += 200
	if r.listed >= maxListed {
		b.step.Unlisted++
		return
	}
	for _, c := range x.Record {
		b.size += len(c)
	}
	r.listed++
	b.step.Rejects = append(b.step.Rejects, x)
}

// send hands the batch over. What is in it counts from here on as read.
func (r *running) send(ctx context.Context, out chan<- *batch) error {
	b := r.batch
	b.step.BytesRead, b.step.RowsRead = r.bytes.n, r.rows
	if x, ok := r.sheet.records.(*xlsxRecords); ok {
		b.step.BytesRead = x.bytesRead()
	}
	b.step.Room = int(max(0, maxListed-r.listed))
	b.step.Policy, b.step.Known = r.req.Plan.Duplicates, r.seen != nil && !r.seen.full
	b.step.Header = r.sheet.header
	encoding, delimiter := r.sheet.shape()
	b.step.Shape = func() (string, string) { return encoding, delimiter }
	b.step.Record = func(i int) []string { return copied(b.cells[i]) }
	room := min(batchRows, len(b.step.Contacts)+len(b.step.Contacts)/8) // the next one is about as long
	r.batch = &batch{step: lists.ImportStep{
		Contacts: make([]lists.NewContact, 0, room), Rows: make([]int64, 0, room)}, cells: make([][]string, 0, room), counts: map[string]int64{}}
	select {
	case out <- b:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// scrub asks which numbers are barred where that is not known yet.
func (r *running) scrub(ctx context.Context, b *batch) error {
	if len(b.step.Contacts) == 0 {
		return nil
	}
	phones := make([]string, len(b.step.Contacts))
	for i := range b.step.Contacts {
		phones[i] = b.step.Contacts[i].Number.E164
	}
	barred, err := r.store.BarredOf(ctx, phones, r.barred == nil)
	if err != nil || len(barred) == 0 {
		return err
	}
	contacts, rows, cells := b.step.Contacts[:0], b.step.Rows[:0], b.cells[:0]
	for i, c := range b.step.Contacts {
		if barred[c.Number.E164] {
			if r.req.Plan.OnDNC == "reject" {
				b.counts[NumberOnDNC]++
				b.step.Rejects = append(b.step.Rejects, lists.Reject{Row: b.step.Rows[i], Field: "phone", Value: c.Number.E164, Reason: NumberOnDNC,
					Record: copied(b.cells[i])})
				continue
			}
			c.OnDNC = true
		}
		contacts, rows, cells = append(contacts, c), append(rows, b.step.Rows[i]), append(cells, b.cells[i])
	}
	b.step.Contacts, b.step.Rows, b.cells = contacts, rows, cells
	return nil
}
