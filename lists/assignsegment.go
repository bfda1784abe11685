package lists

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/filter"
)

// SegmentAssignment gives the contacts of a campaign's lists that fit a segment to some agents. They are dialled as those of an
// assigned list are: one for each of these agents who is logged in and not busy with the segment already, and their calls go to
// these agents first. A contact that fits several assigned segments is of the one that was assigned first. Agreed callbacks go
// their own way. When the contact's list is assigned, too, it waits for room in both, and its call goes to the segment's agents.
type SegmentAssignment struct {
	Campaign  uuid.UUID   `json:"campaign_id"`
	Segment   uuid.UUID   `json:"segment_id"`
	Agents    []uuid.UUID `json:"agents" nullable:"false" doc:"ids of users"`
	Teams     []uuid.UUID `json:"teams" nullable:"false" doc:"their members, as they are at the time of a call"`
	State     string      `json:"state" enum:"open,paused" doc:"paused: nobody calls its contacts in this campaign"`
	CreatedAt time.Time   `json:"created_at"`

	id uuid.UUID
}

// SegmentAssignmentStatus is an assignment of a segment and how far the campaign is with its contacts.
type SegmentAssignmentStatus struct {
	SegmentAssignment
	Name     string        `json:"name" doc:"of the segment"`
	Progress ContactCounts `json:"progress" doc:"of the contacts that fit now"`
	Counted  bool          `json:"counted" doc:"false: there are too many to count them while somebody waits; progress is empty"`
	Sound    bool          `json:"sound" doc:"the sum was checked: loaded = dialable + in flight + finished + all of excluded, and nothing is below zero"`
}

// ReasonAssigned is why a contact waits whose agents are busy or not here.
const ReasonAssigned = DryAssigned

// AssignSegment gives the contacts of a segment to agents and teams, in the place of those who had them. Errors: *InputError
// (segment_id, agents, teams, state), ErrNotFound.
func (s *Store) AssignSegment(ctx context.Context, a SegmentAssignment, by *uuid.UUID) (SegmentAssignment, error) {
	as := Assignment{Agents: a.Agents, Teams: a.Teams, State: a.State}
	if err := as.check(); err != nil {
		return SegmentAssignment{}, err
	}
	a.Agents, a.Teams = append([]uuid.UUID{}, a.Agents...), append([]uuid.UUID{}, a.Teams...)
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, a.Campaign); err != nil {
			return err
		}
		if err := as.known(ctx, tx, a.Campaign); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `INSERT INTO segment_assignments AS x (id, campaign_id, segment_id, agents, teams, state, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (campaign_id, segment_id) DO UPDATE SET agents = excluded.agents, teams = excluded.teams, state = excluded.state
			RETURNING created_at`, newID(), a.Campaign, a.Segment, a.Agents, a.Teams, a.State, by).Scan(&a.CreatedAt)
	})
	if violated(err) == "segment_assignments_segment_id_fkey" {
		err = &InputError{"segment_id", "there is no such segment"}
	}
	if err != nil {
		return SegmentAssignment{}, fmt.Errorf("assign segment %s: %w", a.Segment, err)
	}
	return a, nil
}

// UnassignSegment lets every agent of the campaign have the contacts again; those that waited for the agents come at once, in the
// background. ErrNotFound: the segment is not assigned.
func (s *Store) UnassignSegment(ctx context.Context, campaign, segment uuid.UUID) error {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, campaign); err != nil {
			return err
		}
		var id uuid.UUID
		err := tx.QueryRow(ctx, `DELETE FROM segment_assignments WHERE campaign_id = $1 AND segment_id = $2 RETURNING id`, campaign, segment).Scan(&id)
		if noRows(err) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		return addJob(ctx, tx, ListJob{ID: newID(), Kind: JobRecheck, CampaignID: &campaign}, recheckParams{Assignment: &id})
	})
	if err != nil {
		return fmt.Errorf("unassign segment %s: %w", segment, err)
	}
	return nil
}

// releaseSegment lets campaigns that have assigned a segment look again at who waits for its agents, because it was changed.
func releaseSegment(ctx context.Context, tx pgx.Tx, segment uuid.UUID) error {
	_, err := tx.Exec(ctx, `INSERT INTO list_jobs (id, kind, campaign_id, params) SELECT gen_random_uuid(), $2, campaign_id,
		jsonb_build_object('assignment', id) FROM segment_assignments WHERE segment_id = $1`, segment, JobRecheck)
	return err
}

// SegmentAssignments returns those of a campaign with their progress, the first assigned first; ErrNotFound.
func (s *Store) SegmentAssignments(ctx context.Context, campaign uuid.UUID) ([]SegmentAssignmentStatus, error) {
	c, err := s.Campaign(ctx, campaign)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT a.id, a.campaign_id, a.segment_id, a.agents, a.teams, a.state, a.created_at, g.name FROM segment_assignments a
		JOIN segments g ON g.id = a.segment_id WHERE a.campaign_id = $1 ORDER BY a.position`, campaign)
	if err != nil {
		return nil, fmt.Errorf("segments assigned in campaign %s: %w", campaign, err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a SegmentAssignmentStatus, err error) {
		err = row.Scan(&a.id, &a.Campaign, &a.Segment, &a.Agents, &a.Teams, &a.State, &a.CreatedAt, &a.Name)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("segments assigned in campaign %s: %w", campaign, err)
	}
	if err := s.countAssigned(ctx, c, out); err != nil {
		return nil, fmt.Errorf("segments assigned in campaign %s: %w", campaign, err)
	}
	return out, nil
}

// countAssigned counts the contacts of the campaign's lists by the assignment that has them and by where they stand.
func (s *Store) countAssigned(ctx context.Context, c Campaign, all []SegmentAssignmentStatus) error {
	if len(all) == 0 {
		return nil
	}
	now, err := s.moment(ctx)
	if err != nil {
		return err
	}
	parts := make([]Segment, len(all))
	for i, a := range all {
		if parts[i], err = s.Segment(ctx, a.Segment); err != nil {
			return err
		}
	}
	which, args, err := firstFit(parts, now, 3)
	if err != nil {
		return err
	}
	counts := make([]ContactCounts, len(all))
	for i := range counts {
		counts[i] = untouched(0)
	}
	err = s.patient(ctx, countPatience, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT x.part, coalesce(x.state, ''), coalesce(x.reason, ''), count(*) FROM (
			SELECT `+which+` AS part, cs.state, cs.reason FROM contacts c LEFT JOIN contact_states cs ON cs.campaign_id = $1 AND cs.contact_id = c.id
			WHERE c.list_id = ANY ($2)) x WHERE x.part > 0 GROUP BY 1, 2, 3`, append([]any{c.ID, c.ListIDs}, args...)...)
		if err != nil {
			return err
		}
		var part int
		var state, reason string
		var n int64
		_, err = pgx.ForEachRow(rows, []any{&part, &state, &reason, &n}, func() error {
			k := &counts[part-1]
			k.Loaded, k.Dialable, k.Untouched = k.Loaded+n, k.Dialable+n, k.Untouched+n
			if state != "" {
				k.add(state, reason, n)
			}
			return nil
		})
		return err
	})
	if tooLong(err) {
		return nil
	}
	for i := range all {
		p := ListProgress{ContactCounts: counts[i]}
		all[i].Progress, all[i].Counted, all[i].Sound = counts[i], true, p.sound()
	}
	return err
}

// firstFit is SQL on the table contacts c that gives the place, from 1, of the first segment that a contact fits, 0 for none.
func firstFit(parts []Segment, now time.Time, first int) (string, []any, error) {
	var args []any
	var sql strings.Builder
	sql.WriteString("CASE ")
	for i := range parts {
		condition, more, err := parts[i].condition(filter.Asked{First: first + len(args), Now: now})
		if err != nil {
			return "", nil, err
		}
		args = append(args, more...)
		fmt.Fprintf(&sql, "WHEN %s THEN %d ", condition, i+1)
	}
	sql.WriteString("ELSE 0 END")
	return sql.String(), args, nil
}

// assignedPart is an assignment of a segment as a claim needs it.
type assignedPart struct {
	id      uuid.UUID
	segment uuid.UUID
	assigned
}

const assignedPartsSQL = `
SELECT a.id, a.segment_id, a.agents || ARRAY(SELECT m.user_id FROM team_members m WHERE m.team_id = ANY (a.teams) ORDER BY m.user_id), a.state = 'paused',
	(SELECT count(*) FROM open_attempts o JOIN contact_states cs ON cs.campaign_id = o.campaign_id AND cs.contact_id = o.contact_id
		WHERE o.campaign_id = a.campaign_id AND cs.assignment_id = a.id)::int
FROM segment_assignments a WHERE a.campaign_id = $1 ORDER BY a.position`

func (c *claiming) readParts(rows pgx.Rows) error {
	var p assignedPart
	_, err := pgx.ForEachRow(rows, []any{&p.id, &p.segment, &p.agents, &p.paused, &p.open}, func() error {
		one := p
		c.parts = append(c.parts, &one)
		p = assignedPart{}
		return nil
	})
	return err
}

// readPartSegments reads the filters of the assigned segments.
func (c *claiming) readPartSegments(ctx context.Context) error {
	for _, p := range c.parts {
		g, err := segment(ctx, c.tx, p.segment)
		if err != nil {
			return err
		}
		c.partFilters = append(c.partFilters, g)
	}
	return nil
}

// roomOf is how many more contacts of an assigned segment this claim may take.
func (c *claiming) roomOf(p *assignedPart) int {
	switch {
	case p.paused:
		return 0
	case c.req.PersonalFor == nil:
		return c.req.Max
	}
	here := 0
	agents := slices.Clone(p.agents)
	slices.SortFunc(agents, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range slices.Compact(agents) {
		if slices.Contains(c.req.PersonalFor, id) {
			here++
		}
	}
	return here - p.open - p.taken
}

// findParts finds out for whose agents the candidates are.
func (c *claiming) findParts(ctx context.Context, found []*candidate) error {
	byID := make(map[uuid.UUID]*candidate, len(found))
	ids := make([]uuid.UUID, 0, len(found))
	for _, x := range found {
		if !x.skip && !x.outside && !x.callback {
			byID[x.contact.ID] = x
			ids = append(ids, x.contact.ID)
		}
	}
	if len(c.parts) == 0 || len(ids) == 0 {
		return nil
	}
	which, args, err := firstFit(c.partFilters, c.now, 2)
	if err != nil {
		return err
	}
	rows, err := c.tx.Query(ctx, `SELECT c.id, `+which+` FROM unnest($1::uuid[]) AS i(id) CROSS JOIN LATERAL (SELECT * FROM contacts WHERE id = i.id OFFSET 0) c`,
		append([]any{ids}, args...)...)
	if err != nil {
		return fmt.Errorf("ask the assigned segments: %w", err)
	}
	var id uuid.UUID
	var at int
	if _, err := pgx.ForEachRow(rows, []any{&id, &at}, func() error {
		if at > 0 {
			byID[id].part = c.parts[at-1]
		}
		return nil
	}); err != nil {
		return fmt.Errorf("ask the assigned segments: %w", err)
	}
	return nil
}

// keeps reports, as a verdict, that a contact is left for agents who are busy or not here. Its place in the order is walked over: it
// waits where only its agents' claims look.
func (c *claiming) keeps(x *candidate) (verdict, bool) {
	if x.callback || x.part == nil || c.roomOf(x.part) > 0 {
		return verdict{}, false
	}
	x.kept = true
	due := c.now
	return verdict{x, stateWaiting, ReasonAssigned, &due}, true
}

// keptSQL gives contacts that waited for the agents of assignments $4, for each up to $5.
const keptPartsSQL = dueColumns + `
	SELECT f.* FROM unnest($4::uuid[], $5::int[]) AS a(id, room) CROSS JOIN LATERAL (
		SELECT cs.contact_id, cs.due_at, cs.attempts, cs.phone_pos, NULL::uuid AS agent_id FROM contact_states cs
		WHERE cs.assignment_id = a.id AND cs.state = 'waiting' AND cs.rank = 3 AND NOT cs.callback AND cs.due_at <= $2 AND cs.campaign_id = $1 AND cs.list_id = ANY ($6)
		ORDER BY cs.due_at, cs.contact_id LIMIT least($3::int, 4 * a.room + 8) FOR UPDATE OF cs SKIP LOCKED) f` + dueContacts + `ORDER BY due.due_at, due.contact_id`

// queueKeptParts asks for contacts that waited for agents who are here now.
func (c *claiming) queueKeptParts(b *pgx.Batch, limit int, read func(pgx.Rows) error) {
	var ids []uuid.UUID
	var rooms []int32
	for _, p := range c.parts {
		if room := c.roomOf(p); room > 0 {
			ids, rooms = append(ids, p.id), append(rooms, int32(room))
		}
	}
	if len(ids) > 0 {
		b.Queue(keptPartsSQL, c.req.Campaign, c.now, limit, ids, rooms, c.calledNow()).Query(read)
	}
}

// queueParts writes whose agents have the contacts, after their states were written.
func (c *claiming) queueParts(b *pgx.Batch, verdicts []verdict) {
	if len(c.parts) == 0 || len(verdicts) == 0 {
		return
	}
	contacts, parts, kept := make([]uuid.UUID, len(verdicts)), make([]*uuid.UUID, len(verdicts)), make([]bool, len(verdicts))
	for i, v := range verdicts {
		contacts[i], kept[i] = v.contact.ID, v.kept
		if v.part != nil {
			parts[i] = &v.part.id
		}
	}
	b.Queue(`UPDATE contact_states cs SET assignment_id = i.part, rank = CASE WHEN i.kept THEN 3 WHEN cs.rank = 3 THEN 0 ELSE cs.rank END
		FROM unnest($2::uuid[], $3::uuid[], $4::boolean[]) AS i(contact_id, part, kept)
		WHERE cs.campaign_id = $1 AND cs.contact_id = i.contact_id AND (cs.assignment_id IS DISTINCT FROM i.part OR cs.rank = 3 OR i.kept)`,
		c.req.Campaign, contacts, parts, kept)
}

// agentsFor are those to whom a contact's segment is assigned, or else its list.
func (c *claiming) agentsFor(x *candidate) []uuid.UUID {
	if x.part != nil {
		return x.part.agents
	}
	return c.agentsOf(x.contact.ListID)
}

// partsKept reports whether contacts wait for agents of assigned segments who are busy or not here.
func (c *claiming) partsKept(ctx context.Context) (yes bool, err error) {
	var ids []uuid.UUID
	for _, p := range c.parts {
		if c.roomOf(p) <= 0 {
			ids = append(ids, p.id)
		}
	}
	if len(ids) > 0 {
		err = c.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM contact_states WHERE assignment_id = ANY ($1) AND state = 'waiting' AND rank = 3 AND NOT callback)`, ids).Scan(&yes)
	}
	return yes, err
}
