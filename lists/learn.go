package lists

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
)

const (
	learnBatch  = 2000 // attempts of one transaction
	learnRounds = 10
	// learnSettle is how old permits must be: then the claims that gave them have been committed or rolled back.
	learnSettle = 15 * time.Second
)

// lastID is behind every id of its moment.
var lastID = uuid.Max

// LearnChances teaches the models the attempts of a campaign that have ended since the last call: the campaign's own, by
// which its claims are scored from now on, and that of all campaigns. To be called about every 30 s for each campaign that
// is dialled; by whom and how many at a time does not matter. ErrNotFound: no such campaign. Each attempt is learned exactly once, also when a process dies
// in the middle: cursor, models and pasts are written in one transaction. It works in short transactions and stops after
// 20,000 attempts; more says that there are others.
func (s *Store) LearnChances(ctx context.Context, campaign uuid.UUID) (learned int, more bool, err error) {
	for range learnRounds {
		var l *learning
		err := s.tx(ctx, func(tx pgx.Tx) error {
			l = &learning{tx: tx, law: s.at(), campaign: campaign}
			return l.run(ctx)
		})
		if err != nil {
			return learned, true, fmt.Errorf("learn chances of campaign %s: %w", campaign, err)
		}
		s.chances.set(campaign, l.model)
		learned += l.learned
		if !l.more {
			return learned, false, nil
		}
	}
	return learned, true, nil
}

// learning is one transaction of LearnChances.
type learning struct {
	tx       pgx.Tx
	law      *time.Time
	campaign uuid.UUID

	now     time.Time
	model   *chance.Model
	all     *chance.Model
	cursor  permitted // attempts up to this one are learned, except
	pending []permitted

	open    []permitted // of the campaign, now
	ended   []endedCall
	pasts   map[int64]*chance.Past // by number
	learned int
	more    bool
}

// permitted is an attempt's place in time.
type permitted struct {
	at time.Time
	id uuid.UUID
}

func (p permitted) compare(o permitted) int {
	if c := p.at.Compare(o.at); c != 0 {
		return c
	}
	return bytes.Compare(p.id[:], o.id[:])
}

// endedCall is what is learned of one attempt.
type endedCall struct {
	permitted
	phone    int64 // E.164 without the plus
	list     uuid.UUID
	callback bool
	outcome  Outcome
	kind     string
	zones    []string
}

func (l *learning) run(ctx context.Context) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	upto := permitted{l.now.Add(-learnSettle), lastID}
	if upto.compare(l.cursor) < 0 {
		upto = l.cursor // the clock went back
	}
	if err := l.read(ctx, upto); err != nil {
		return err
	}
	if len(l.ended) == 0 {
		return nil
	}
	if err := l.readPasts(ctx); err != nil {
		return err
	}
	l.teach()
	return l.write(ctx)
}

// begin takes the rows of the models, that of all campaigns first, which lets learners come one after another.
func (l *learning) begin(ctx context.Context) error {
	var models [2][]byte
	var pending []uuid.UUID
	var pendingAt []time.Time
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO chance_models (campaign_id) SELECT $1::uuid UNION SELECT id FROM campaigns WHERE id = $2 ON CONFLICT DO NOTHING`,
		allCampaigns, l.campaign)
	for i, id := range []uuid.UUID{allCampaigns, l.campaign} {
		b.Queue(`SELECT model, cursor_at, cursor_id, pending, pending_at, coalesce($2::timestamptz, now()) FROM chance_models
			WHERE campaign_id = $1 FOR UPDATE`, id, l.law).QueryRow(func(row pgx.Row) error {
			return row.Scan(&models[i], &l.cursor.at, &l.cursor.id, &pending, &pendingAt, &l.now)
		})
	}
	if err := l.tx.SendBatch(ctx, b).Close(); noRows(err) {
		return ErrNotFound
	} else if err != nil {
		return err
	}
	for i, id := range pending {
		l.pending = append(l.pending, permitted{pendingAt[i], id})
	}
	l.all = readModel(models[0], nil)
	l.model = readModel(models[1], l.all)
	return nil
}

const (
	endedColumns = `a.permit_at, a.id, a.phone, a.list_id, a.kind = '` + KindCallback + `', a.outcome, coalesce(c.kind, ''), coalesce(c.zones, '{}')`
	// The contacts one by one, whatever the planner believes of their number.
	endedContact = ` LEFT JOIN LATERAL (SELECT kind, zones FROM contacts WHERE id = a.contact_id OFFSET 0) c ON true`

	endedAfterSQL = `SELECT ` + endedColumns + ` FROM (SELECT * FROM attempts WHERE campaign_id = $1 AND permit_at >= $2 AND permit_at <= $4
		AND (permit_at, id) > ($2, $3) ORDER BY permit_at, id LIMIT $5) a` + endedContact + ` ORDER BY a.permit_at, a.id`
	endedNamedSQL = `SELECT ` + endedColumns + ` FROM unnest($1::uuid[], $2::timestamptz[]) AS p(id, at)
		CROSS JOIN LATERAL (SELECT * FROM attempts WHERE id = p.id AND permit_at = p.at OFFSET 0) a` + endedContact
)

// read finds the attempts up to a place that have ended and are not learned yet, and moves the cursor.
func (l *learning) read(ctx context.Context, upto permitted) error {
	b := &pgx.Batch{}
	// First those that are open: one that ends in between is in both results, and none is in neither.
	b.Queue(`SELECT permit_at, id FROM open_attempts WHERE campaign_id = $1`, l.campaign).Query(func(rows pgx.Rows) (err error) {
		l.open, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p permitted, err error) {
			err = row.Scan(&p.at, &p.id)
			return p, err
		})
		return err
	})
	b.Queue(endedAfterSQL, l.campaign, l.cursor.at, l.cursor.id, upto.at, learnBatch).Query(l.readEnded)
	if err := l.tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	l.more = len(l.ended) == learnBatch
	was := l.cursor
	if l.more {
		l.cursor = l.ended[learnBatch-1].permitted
	} else {
		l.cursor = upto
	}
	if err := l.readPending(ctx); err != nil {
		return err
	}
	ended := make(map[uuid.UUID]bool, len(l.ended))
	for _, e := range l.ended {
		ended[e.id] = true
	}
	for _, p := range l.open {
		if p.compare(was) > 0 && p.compare(l.cursor) <= 0 && !ended[p.id] {
			l.pending = append(l.pending, p)
		}
	}
	return nil
}

// readPending adds those of the pending attempts that have ended meanwhile and forgets the ones that are nowhere any more.
func (l *learning) readPending(ctx context.Context) error {
	open := make(map[uuid.UUID]bool, len(l.open))
	for _, p := range l.open {
		open[p.id] = true
	}
	var ids []uuid.UUID
	var at []time.Time
	l.pending = slices.DeleteFunc(l.pending, func(p permitted) bool {
		if open[p.id] {
			return false
		}
		ids, at = append(ids, p.id), append(at, p.at)
		return true
	})
	if len(ids) == 0 {
		return nil
	}
	rows, err := l.tx.Query(ctx, endedNamedSQL, ids, at)
	if err != nil {
		return err
	}
	return l.readEnded(rows)
}

func (l *learning) readEnded(rows pgx.Rows) error {
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e endedCall, err error) {
		var phone string
		if err = row.Scan(&e.at, &e.id, &phone, &e.list, &e.callback, &e.outcome, &e.kind, &e.zones); err == nil {
			e.phone, err = strconv.ParseInt(phone, 10, 64)
		}
		return e, err
	})
	l.ended = append(l.ended, found...)
	return err
}

func (l *learning) readPasts(ctx context.Context) error {
	l.pasts = make(map[int64]*chance.Past, len(l.ended))
	phones := make([]int64, 0, len(l.ended))
	for _, e := range l.ended {
		if l.pasts[e.phone] == nil {
			l.pasts[e.phone] = &chance.Past{}
			phones = append(phones, e.phone)
		}
	}
	rows, err := l.tx.Query(ctx, `SELECT phone, (SELECT past FROM number_pasts n WHERE n.phone = p.phone) FROM unnest($1::bigint[]) AS p(phone)`, phones)
	if err != nil {
		return err
	}
	var phone int64
	var past []byte
	_, err = pgx.ForEachRow(rows, []any{&phone, &past}, func() error {
		*l.pasts[phone] = parsePast(past)
		past = nil
		return nil
	})
	return err
}

// teach goes through the attempts in the order of their permits, so that each number's past is what it was at the time.
func (l *learning) teach() {
	slices.SortFunc(l.ended, func(a, b endedCall) int { return a.compare(b.permitted) })
	for _, e := range l.ended {
		past := l.pasts[e.phone]
		result := e.outcome.result()
		hour := hourAt(e.at, e.zones)
		if result.Teaches() {
			f := chance.Facts{At: e.at, Hour: hour, Kind: chance.ParseKind(e.kind), List: e.list, Callback: e.callback, Past: *past}
			l.model.Learn(&f, result == chance.Live)
			l.all.Learn(&f, result == chance.Live)
			l.learned++
		}
		past.Add(e.at, hour, result)
	}
}

func (l *learning) write(ctx context.Context) error {
	model, err := l.model.Snapshot()
	if err != nil {
		return err
	}
	all, err := l.all.Snapshot()
	if err != nil {
		return err
	}
	phones, pasts := make([]int64, 0, len(l.pasts)), make([][]byte, 0, len(l.pasts))
	for phone, p := range l.pasts {
		if b := p.Bytes(); b != nil {
			phones, pasts = append(phones, phone), append(pasts, b)
		}
	}
	ids, at := make([]uuid.UUID, 0, len(l.pending)), make([]time.Time, 0, len(l.pending))
	for _, p := range l.pending {
		ids, at = append(ids, p.id), append(at, p.at)
	}
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO number_pasts AS n (phone, past) SELECT * FROM unnest($1::bigint[], $2::bytea[]) ON CONFLICT (phone) DO UPDATE
		SET past = excluded.past`, phones, pasts)
	b.Queue(`UPDATE chance_models SET model = $2::json, cursor_at = $3, cursor_id = $4, pending = $5, pending_at = $6, updated_at = $7
		WHERE campaign_id = $1`, l.campaign, string(model), l.cursor.at, l.cursor.id, ids, at, l.now)
	b.Queue(`UPDATE chance_models SET model = $2::json, updated_at = $3 WHERE campaign_id = $1`, allCampaigns, string(all), l.now)
	return l.tx.SendBatch(ctx, b).Close()
}
