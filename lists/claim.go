package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// Contact is one person or company of a list.
type Contact struct {
	ID       uuid.UUID         `json:"id"`
	ListID   uuid.UUID         `json:"list_id"`
	Seq      int64             `json:"seq" doc:"order inside the list"`
	Phone    string            `json:"phone" doc:"E.164"`
	Name     string            `json:"name"`
	Zones    []string          `json:"zones" doc:"candidate IANA zones; all of them must be inside the calling hours"`
	Fields   map[string]string `json:"fields"`
	Attempts int               `json:"attempts" doc:"attempts that count so far, in the campaign that asked"`

	Treatment *Treatment `json:"-"` // of a claim: how the campaign's test has him called; nil: as the campaign does
}

// KindCallback is the kind of an attempt that a callback was agreed for.
const KindCallback = "callback"

// ClaimRequest asks for contacts to be called at once.
type ClaimRequest struct {
	Campaign uuid.UUID
	Epoch    int64
	Node     string
	Kind     string        // progressive, power, ...; callbacks are marked as such by themselves
	Max      int           // at most MaxClaim
	TTL      time.Duration // life of the permits, e.g. 5 s; at most MaxPermit
	// PersonalFor lets callbacks that were promised to one agent through for these agents only; nil: for every agent.
	// Callbacks of others stay due, until PersonalGrace has passed: then they come whoever is there.
	PersonalFor []uuid.UUID
	// OwnFor takes the place of PersonalFor for callbacks; nil: it does not. So a callback may wait until its agent is free.
	OwnFor []uuid.UUID
	// Offer makes contacts come without a permit, to be looked at by an agent: all of them when Kind is KindPreview, else those
	// that the campaign forces to that. They wait for so long, and are due again after it unless ClaimOne permits them. 0: every
	// contact comes with a permit.
	Offer time.Duration
	// Answers bounds the sum of the chances of the contacts taken: the next one that would go beyond it is left where it is,
	// and so are those after it. The first contact is taken whatever its chance. 0: no such bound.
	Answers float64
	// Choose says whom of the next contacts is wanted, by their chances in the order in which they would come: indexes, at most
	// Max. The others are left where they are. It takes the place of Answers, and is called inside the claim's transaction: it
	// must not wait for anything. nil: contacts are taken in order.
	Choose func(chances []float64) (wanted []int)
}

// PersonalGrace is how long a callback that was promised to one agent waits for that agent after it has become due, unless the campaign says otherwise. After
// that anyone may take it: the callee was promised a call, and a call by another agent is better than none. When an
// attempt fails or the hours end, it becomes due anew, and waits for the agent again.
const PersonalGrace = 30 * time.Minute

// MaxClaim bounds the contacts of one claim, MaxPermit the life of a permit.
const (
	MaxClaim  = 500
	MaxPermit = time.Minute
)

// Claim is the right and the material for one call.
type Claim struct {
	Permit        Permit
	Contact       Contact
	Kind          string
	Offer         bool // there is no permit: an agent is to look at the contact
	Forced        bool // of an Offer: by a field of the contact
	CallerID      string
	TrunkID       uuid.UUID
	CallbackAgent *uuid.UUID  // the agent to whom the callback was promised
	Agents        []uuid.UUID // to whom the contact's list is assigned; nil: everybody
	Chance        float64     // that a person answers, between chance.Lowest and chance.Highest; see LearnChances
}

// Reasons of ClaimResult.Dry.
const (
	DryEmpty      = "empty"       // every contact is finished, excluded or in flight
	DryHours      = "hours"       // what is left is outside the callees' hours
	DryAllWaiting = "all_waiting" // what is left is due later
	DryAssigned   = "assigned"    // what is left is assigned to agents who are busy or not here
)

// ClaimResult is what a claim found. When Claims are fewer than asked for and Dry is empty, more may be had at once, unless
// Full says that the bound on answers kept them back.
type ClaimResult struct {
	Claims   []Claim
	Dry      string
	Full     bool           // the next contact would have gone beyond ClaimRequest.Answers, or was not chosen
	Next     time.Time      // when something becomes due, by the law's clock; zero if unknown
	Excluded map[string]int // contacts excluded for good by this claim, by reason
	Deferred map[string]int // contacts put off by this claim, by reason
}

const (
	openAgain = 30 * time.Second // until a number that is open elsewhere is looked at again
	lockAgain = 2 * time.Second  // the same for one that another transaction holds
	maxRounds = 8
	// spareShare is how many contacts wanted make a claim look at one more.
	spareShare = 8
)

// Claim takes up to Max contacts that may be called now and commits a permit for each: due callbacks first, then due
// retries, then contacts never tried, in the order of the lists. Contacts that must not be called now become waiting until
// they may, or excluded. ErrFenced: the epoch is not the newest or the campaign is not running.
//
// When an error other than ErrFenced comes back, permits may have been committed that nobody holds; [Store.Open] shows
// them, and they are to be ended as not_placed after they expired.
func (s *Store) Claim(ctx context.Context, req ClaimRequest) (ClaimResult, error) {
	switch {
	case req.Max < 1 || req.Max > MaxClaim:
		return ClaimResult{}, &InputError{"max", fmt.Sprintf("must be between 1 and %d", MaxClaim)}
	case req.TTL <= 0 || req.TTL > MaxPermit:
		return ClaimResult{}, &InputError{"ttl", "must be more than 0 and at most a minute"}
	case !(req.Answers >= 0): // NaN too
		return ClaimResult{}, &InputError{"answers", "must be a number of 0 or more"}
	}
	var c *claiming
	// Taken before the database reads its own clock at BEGIN: so the permit ends here not later than there.
	until := s.local().Add(req.TTL)
	err := s.piped(ctx, func(tx *pipedTx) error {
		c = &claiming{req: req, tx: tx, until: until, law: s.at(), seen: make(map[string]bool, req.Max), floors: &s.floors, chances: &s.chances, laws: &s.laws,
			result: ClaimResult{Excluded: map[string]int{}, Deferred: map[string]int{}}}
		return c.run(ctx)
	})
	if err == nil {
		s.floors.set(req.Campaign, c.floor)
	} else {
		return ClaimResult{}, fmt.Errorf("claim for campaign %s: %w", req.Campaign, err)
	}
	return c.result, nil
}

// claiming is one claim under way.
type claiming struct {
	req     ClaimRequest
	tx      pgx.Tx
	until   time.Time  // of the permits, local clock
	fixed   uuid.UUID  // the id of the attempt; zero: a new one
	law     *time.Time // nil: take the database's
	floors  *floors
	chances *chances
	laws    *compiled

	now        time.Time
	settings   Settings
	trunk      uuid.UUID
	lists      []uuid.UUID
	floor      floor
	walk       walk
	assigned   map[uuid.UUID]*assigned // by list
	registries []registryFact
	asked      *compliance.Rules
	copies     map[string]time.Time // of registries: see compliance.Case
	hours      bool                 // some contact of the lists may be in its hours now
	nextOpen   time.Time
	seen       map[string]bool // numbers judged by this claim; true: it has a permit
	model      *chance.Model   // read only
	answers    float64         // sum of the chances of what was taken
	choosing   bool            // it was chosen among the contacts

	result ClaimResult

	segmented bool
	members   *membership // nil: all contacts of the lists

	parts       []*assignedPart // assigned segments, in order
	partFilters []Segment       // of parts
	overridden  bool            // there is some override that counts now
	moved       []*candidate    // that go on with another number
	movedNow    bool            // some of them at once
}

func (c *claiming) run(ctx context.Context) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	if c.stale() {
		return nil
	}
	for round := range maxRounds {
		need := c.req.Max - len(c.result.Claims)
		// Where much is refused, look at more at a time: the cost is per round trip. A few more from the beginning: in every
		// list some must not be called.
		ask := min(MaxClaim, need<<min(round, 9)+need/spareShare)
		if c.req.Choose != nil {
			ask = max(ask, choiceWindow)
		}
		if c.members != nil || len(c.parts) > 0 {
			ask = MaxClaim
		}
		found, more, err := c.candidates(ctx, ask)
		if err != nil {
			return err
		}
		if err := c.passOver(ctx, found); err != nil {
			return err
		}
		if asked := judged(found); len(asked) > 0 {
			if err := c.facts(ctx, asked); err != nil {
				return err
			}
		}
		if err := c.write(ctx, c.decide(found)); err != nil {
			return err
		}
		if c.enough() {
			return nil
		}
		if !more && !c.goesOn() {
			return c.dry(ctx)
		}
	}
	return nil
}

// enough says that nothing is looked for any more.
func (c *claiming) enough() bool {
	if c.choosing || c.req.Answers > 0 && c.answers > c.req.Answers-chance.Lowest {
		c.result.Full = true // it was chosen, or no contact is worth so little
	}
	return len(c.result.Claims) == c.req.Max || c.result.Full
}

// begin takes the fence, reads the campaign, and finds out whether fresh contacts are worth looking at.
func (c *claiming) begin(ctx context.Context) error {
	var status CampaignStatus
	var epoch int64
	var settings []byte
	var groups []zoneGroup
	b := &pgx.Batch{}
	b.Queue(`SELECT pg_advisory_xact_lock_shared($1, hashtext($2::text))`, lockCampaign, c.req.Campaign.String())
	b.Queue(`SELECT status, epoch, settings, trunk_id, coalesce($2::timestamptz, now()) FROM campaigns WHERE id = $1`,
		c.req.Campaign, c.law).QueryRow(func(row pgx.Row) error {
		return row.Scan(&status, &epoch, &settings, &c.trunk, &c.now)
	})
	c.queueWalk(b)
	b.Queue(assignedSQL, c.req.Campaign).Query(c.readAssigned)
	c.queueSegments(b)
	b.Queue(`SELECT DISTINCT z.zones, z.region FROM campaign_lists cl JOIN list_zones z USING (list_id)
		WHERE cl.campaign_id = $1 AND z.contacts > 0`, c.req.Campaign).Query(func(rows pgx.Rows) (err error) {
		groups, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (g zoneGroup, err error) {
			err = row.Scan(&g.zones, &g.region)
			return g, err
		})
		return err
	})
	b.Queue(registriesSQL).Query(readRegistries(&c.registries))
	model := c.chances.queue(b, c.req.Campaign)
	if err := c.tx.SendBatch(ctx, b).Close(); noRows(err) {
		return ErrNotFound
	} else if err != nil {
		return err
	}
	c.model = model()
	if epoch != c.req.Epoch || status != Running {
		return fmt.Errorf("%w (epoch %d, %s)", ErrFenced, epoch, status)
	}
	if err := json.Unmarshal(settings, &c.settings); err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	var err error
	if c.asked, err = c.laws.get(c.req.Campaign, settings, c.settings); err != nil {
		return err
	}
	if err := c.readSegments(ctx); err != nil {
		return err
	}
	c.copies = copiesOf(c.registries)
	c.floor = c.floors.get(c.req.Campaign, c.now)
	c.lookAtHours(groups)
	c.arrange()
	return nil
}

// lookAtHours keeps the claim from walking a whole list at night only to put every contact off.
func (c *claiming) lookAtHours(groups []zoneGroup) {
	for _, g := range groups {
		at, ok := c.open(g)
		if !ok || !at.After(c.now) { // those that never open are walked too, to be excluded with a reason
			c.hours = true
			return
		}
		if c.nextOpen.IsZero() || at.Before(c.nextOpen) {
			c.nextOpen = at
		}
	}
}
