package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
)

const (
	lockOrder  = 6 // held while places of a campaign are made
	placeBatch = 5000
	tailBatch  = 1000  // while an order serves: claims wait for the end of such a batch
	dropBatch  = 20000 // places of an old order, deleted at a time
	placeEvery = time.Second
)

// KeepOrders makes the places of the campaigns' orders until ctx ends: see PlaceContacts. What goes wrong is told to failed
// and tried again. Every process may run it.
func (s *Store) KeepOrders(ctx context.Context, failed func(error)) {
	for ctx.Err() == nil {
		more, err := s.PlaceContacts(ctx)
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
		if more && err == nil {
			continue
		}
		pause := time.NewTimer(placeEvery)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

// PlaceContacts gives contacts their places in the orders of their campaigns: it builds an order that settings ask for, and
// goes on with those that serve, as lists grow. It works in one short transaction for each campaign; more says that there is
// more to do. While an order is built the campaign dials in its old one, or as the contacts stand in their lists. Two calls at
// the same time do no harm.
func (s *Store) PlaceContacts(ctx context.Context) (more bool, err error) {
	rows, err := s.pool.Query(ctx, `SELECT c.id, c.settings FROM campaigns c WHERE c.status <> 'stopped' AND
		(c.settings -> 'order' ->> 'by' IN ('priority', 'field', 'newest', 'random', 'closing', 'best_time')
		OR EXISTS (SELECT FROM campaign_orders o WHERE o.campaign_id = c.id))`)
	if err != nil {
		return false, fmt.Errorf("look for orders: %w", err)
	}
	type wanted struct {
		ID       uuid.UUID
		Settings []byte
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[wanted])
	if err != nil {
		return false, fmt.Errorf("look for orders: %w", err)
	}
	var errs []error
	for _, w := range all {
		p := placing{store: s, campaign: w.ID}
		if err := json.Unmarshal(w.Settings, &p.settings); err != nil {
			errs = append(errs, fmt.Errorf("settings of campaign %s: %w", w.ID, err))
			continue
		}
		err := s.tx(ctx, func(tx pgx.Tx) error {
			p.tx, p.worked = tx, false
			return p.run(ctx)
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("places of campaign %s: %w", w.ID, err))
		}
		more = more || p.worked
	}
	return more, errors.Join(errs...)
}

// placing is one transaction of PlaceContacts.
type placing struct {
	store    *Store
	tx       pgx.Tx
	campaign uuid.UUID
	settings Settings

	now    time.Time
	worked bool // there may be more to do
}

// made is an order that exists.
type made struct {
	ID    int64
	Spec  string
	State string
}

func (p *placing) run(ctx context.Context) error {
	var mine bool
	err := p.tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1, hashtext($2::text)), coalesce($3::timestamptz, now())`, lockOrder,
		p.campaign.String(), p.store.at()).Scan(&mine, &p.now)
	if err != nil || !mine {
		return err
	}
	rows, err := p.tx.Query(ctx, `SELECT id, spec, state FROM campaign_orders WHERE campaign_id = $1`, p.campaign)
	if err != nil {
		return err
	}
	orders, err := pgx.CollectRows(rows, pgx.RowToStructByPos[made])
	if err != nil {
		return err
	}
	want := ""
	if p.settings.Order.placed() {
		want = p.settings.Order.spec(p.now, p.settings.Hours)
	}
	var there bool
	for _, o := range orders {
		switch {
		case o.State == "old":
			err = p.drop(ctx, o.ID)
		case o.State == "building" && o.Spec != want, o.State == "ready" && want == "":
			p.worked = true
			_, err = p.tx.Exec(ctx, `UPDATE campaign_orders SET state = 'old' WHERE id = $1`, o.ID)
		default: // also one that serves until the new one is ready
			there = there || o.Spec == want
			err = p.goOn(ctx, o)
		}
		if err != nil {
			return err
		}
	}
	if want != "" && !there {
		p.worked = true
		_, err = p.tx.Exec(ctx, `INSERT INTO campaign_orders (campaign_id, spec, state, started_at) VALUES ($1, $2, 'building', $3)
			ON CONFLICT DO NOTHING`, p.campaign, want, p.now)
	}
	return err
}

// drop deletes an order that serves no more.
func (p *placing) drop(ctx context.Context, order int64) error {
	p.worked = true
	tag, err := p.tx.Exec(ctx, `DELETE FROM order_places WHERE ctid = ANY (ARRAY(SELECT ctid FROM order_places WHERE order_id = $1 LIMIT $2))`, order, dropBatch)
	if err == nil && tag.RowsAffected() < dropBatch {
		_, err = p.tx.Exec(ctx, `DELETE FROM campaign_orders WHERE id = $1`, order)
	}
	return err
}

// goOn places the next contacts of an order. One that is built and has them all begins to serve.
func (p *placing) goOn(ctx context.Context, o made) error {
	var by Order
	if err := json.Unmarshal([]byte(o.Spec), &by); err != nil {
		return fmt.Errorf("order %d: %w", o.ID, err)
	}
	rows, err := p.tx.Query(ctx, `SELECT cl.list_id, coalesce((SELECT seq FROM order_lists WHERE order_id = $2 AND list_id = cl.list_id), 0)
		FROM campaign_lists cl WHERE cl.campaign_id = $1 ORDER BY cl.position, cl.list_id`, p.campaign, o.ID)
	if err != nil {
		return err
	}
	type begun struct {
		List uuid.UUID
		Seq  int64
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[begun])
	if err != nil {
		return err
	}
	for _, l := range all {
		b := batch{placing: p, order: o, by: by, list: l.List}
		n, err := b.place(ctx, l.Seq)
		if err != nil || n > 0 {
			p.worked = true
			return err
		}
	}
	if o.State != "building" {
		return nil
	}
	p.worked = true
	b := &pgx.Batch{}
	b.Queue(`UPDATE campaign_orders SET state = 'old' WHERE campaign_id = $1 AND state = 'ready'`, p.campaign)
	b.Queue(`UPDATE campaign_orders SET state = 'ready', ready_at = $2 WHERE id = $1`, o.ID, p.now)
	b.Queue(`SELECT pg_notify($1, $2)`, WakeChannel, p.campaign.String())
	return p.tx.SendBatch(ctx, b).Close()
}

// batch is some contacts of one list, to be placed.
type batch struct {
	*placing
	order made
	by    Order
	list  uuid.UUID

	contacts []ordered
	walked   int   // contacts, also those that have a state and need no place
	last     int64 // seq of the last one
	places   []spot
	lanes    map[int16]spot   // cursors
	byZones  map[string]int16 // lane of a set of zones
}

const placedSQL = `
SELECT c.id, c.seq, c.priority, CASE WHEN $4 <> '' THEN c.fields ->> $4 END, c.zones, c.kind,
	CASE WHEN $5 THEN (SELECT n.past FROM number_pasts n WHERE n.phone = c.phone::bigint) END,
	(SELECT true FROM contact_states cs WHERE cs.campaign_id = $6 AND cs.contact_id = c.id) IS TRUE
FROM contacts c WHERE c.list_id = $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3`

func (b *batch) place(ctx context.Context, after int64) (walked int, err error) {
	limit := placeBatch
	if b.order.State == "ready" {
		limit = tailBatch
	}
	rows, err := b.tx.Query(ctx, placedSQL, b.list, after, limit, b.by.Field, b.by.By == ByBestTime, b.campaign)
	if err != nil {
		return 0, err
	}
	if err := b.read(rows); err != nil || b.walked == 0 {
		return 0, err
	}
	if err := b.readLanes(ctx); err != nil {
		return 0, err
	}
	if err := b.lay(ctx); err != nil {
		return 0, err
	}
	if b.order.State == "ready" {
		if err := b.late(ctx); err != nil {
			return 0, err
		}
	}
	q := &pgx.Batch{}
	q.Queue(`INSERT INTO order_lists (order_id, list_id, seq) VALUES ($1, $2, $3) ON CONFLICT (order_id, list_id) DO UPDATE SET seq = excluded.seq`,
		b.order.ID, b.list, b.last)
	q.Queue(`UPDATE campaign_orders SET placed = placed + $2 WHERE id = $1`, b.order.ID, b.walked)
	return b.walked, b.tx.SendBatch(ctx, q).Close()
}

func (b *batch) read(rows pgx.Rows) error {
	var c ordered
	var kind string
	var past []byte
	var touched bool
	_, err := pgx.ForEachRow(rows, []any{&c.id, &c.seq, &c.priority, &c.value, &c.zones, &kind, &past, &touched}, func() error {
		b.walked++
		b.last = c.seq
		if !touched {
			c.kind, c.past = chance.ParseKind(kind), parsePast(past)
			b.contacts = append(b.contacts, c)
		}
		c, past = ordered{}, nil
		return nil
	})
	return err
}

func (b *batch) readLanes(ctx context.Context) error {
	b.lanes, b.byZones = map[int16]spot{}, map[string]int16{}
	rows, err := b.tx.Query(ctx, `SELECT lane, zones, key, seq FROM order_lanes WHERE order_id = $1 AND list_id = $2`, b.order.ID, b.list)
	if err != nil {
		return err
	}
	var lane int16
	var zones []string
	var at spot
	_, err = pgx.ForEachRow(rows, []any{&lane, &zones, &at.key, &at.seq}, func() error {
		b.lanes[lane] = at
		b.byZones[strings.Join(zones, " ")] = lane / lanesOfZones
		at, zones = spot{}, nil
		return nil
	})
	return err
}

// lanesOfZones is how many lanes a set of zones may have: one for each hour that suits somebody best, and that for the others.
const lanesOfZones = noHistory + 1

// lane returns the first lane of a set of zones.
func (b *batch) lane(zones []string) (lane int16, named []string) {
	name := strings.Join(zones, " ")
	if n, ok := b.byZones[name]; ok {
		return n * lanesOfZones, zones
	}
	if len(b.byZones) >= lanesMost || len(zones) == 0 {
		return anyLane, []string{}
	}
	n := int16(len(b.byZones) + 1)
	b.byZones[name] = n
	return n * lanesOfZones, zones
}

// lay makes the places and the lanes that are new.
func (b *batch) lay(ctx context.Context) error {
	q := &pgx.Batch{}
	var model *chance.Model
	if b.by.By == ByBestTime {
		var err error
		if model, err = b.store.model(ctx, b.tx, b.campaign); err != nil {
			return err
		}
	}
	for i := range b.contacts {
		c := &b.contacts[i]
		lane, zones := b.lane(c.zones)
		at := spot{lane: lane, key: b.by.key(c), seq: c.seq}
		if model != nil {
			hour, key := bestTime(model, b.settings.Hours, b.now, b.list, c)
			at.lane, at.key = lane+hour, key
		}
		if _, ok := b.lanes[at.lane]; !ok {
			b.lanes[at.lane] = spot{}
			q.Queue(`INSERT INTO order_lanes (order_id, list_id, lane, zones) VALUES ($1, $2, $3, $4)`, b.order.ID, b.list, at.lane, zones)
		}
		b.places = append(b.places, at)
	}
	if err := b.tx.SendBatch(ctx, q).Close(); err != nil {
		return err
	}
	_, err := b.tx.CopyFrom(ctx, pgx.Identifier{"order_places"}, []string{"order_id", "list_id", "lane", "key", "seq", "contact_id"},
		pgx.CopyFromSlice(len(b.places), func(i int) ([]any, error) {
			p := b.places[i]
			return []any{b.order.ID, b.list, p.lane, p.key, p.seq, b.contacts[i].id}, nil
		}))
	return err
}

// ReasonNewcomer is why a contact waits whose place in the campaign's order was passed when it was added: it comes at once.
const ReasonNewcomer = "newcomer"

// late finds, while no claim is under way, those whose place the cursor has passed. They become due at once.
func (b *batch) late(ctx context.Context) error {
	if _, err := b.tx.Exec(ctx, `SELECT list_id FROM campaign_lists WHERE campaign_id = $1 AND list_id = $2 FOR UPDATE`, b.campaign, b.list); err != nil {
		return err
	}
	if err := b.readLanes(ctx); err != nil {
		return err
	}
	var ids []uuid.UUID
	var dues []time.Time
	ahead := map[int16]bool{}
	for i, p := range b.places {
		if at := b.lanes[p.lane]; at.seq == 0 || p.compare(at) > 0 {
			ahead[p.lane] = true
			continue
		}
		due := b.now
		if b.by.By == ByNewest {
			due = time.UnixMicro(newestFirst - p.seq)
		}
		ids, dues = append(ids, b.contacts[i].id), append(dues, due)
	}
	lanes := make([]int16, 0, len(ahead))
	for lane := range ahead {
		lanes = append(lanes, lane)
	}
	q := &pgx.Batch{}
	q.Queue(`UPDATE order_lanes SET spent = false WHERE order_id = $1 AND list_id = $2 AND lane = ANY ($3) AND spent`, b.order.ID, b.list, lanes)
	q.Queue(`INSERT INTO contact_states (campaign_id, contact_id, list_id, state, reason, due_at, rank)
		SELECT $1, i.id, $2, 'waiting', $3, i.due, 1 FROM unnest($4::uuid[], $5::timestamptz[]) AS i(id, due) ON CONFLICT DO NOTHING`,
		b.campaign, b.list, ReasonNewcomer, ids, dues)
	q.Queue(`SELECT pg_notify($1, $2)`, WakeChannel, b.campaign.String())
	return b.tx.SendBatch(ctx, q).Close()
}

// newestFirst makes due times of long ago that run backwards, in microseconds since 1970: more than there will be contacts.
const newestFirst = 1 << 45

// model returns what the campaign's claims are scored with.
func (s *Store) model(ctx context.Context, tx pgx.Tx, campaign uuid.UUID) (*chance.Model, error) {
	b := &pgx.Batch{}
	model := s.chances.queue(b, campaign)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	return model(), nil
}
