package lists

import (
	"context"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	maxSaleTitle = 200
	maxSaleNote  = 2000
	maxAmount    = 1_000_000_000_000 // in a currency's smallest unit
	maxSaleCalls = 50
)

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// Sale is what may come, or came, of calls: an opportunity with its amount and stage.
type Sale struct {
	ID           uuid.UUID   `json:"id"`
	CampaignID   uuid.UUID   `json:"campaign_id"`
	CampaignName string      `json:"campaign_name"`
	ContactID    uuid.UUID   `json:"contact_id"`
	ContactName  string      `json:"contact_name"`
	Title        string      `json:"title"`
	StageID      uuid.UUID   `json:"stage_id"`
	StageEN      string      `json:"stage_en"`
	StageZH      string      `json:"stage_zh"`
	Kind         string      `json:"kind" enum:"open,won,lost"`
	Amount       int64       `json:"amount" doc:"in the currency's smallest unit"`
	Currency     string      `json:"currency" doc:"ISO 4217"`
	FollowUpAt   *time.Time  `json:"follow_up_at"`
	OwnerID      *uuid.UUID  `json:"owner_id"`
	OwnerName    string      `json:"owner_name"`
	Note         string      `json:"note"`
	CreatedBy    uuid.UUID   `json:"created_by"`
	CreatorName  string      `json:"creator_name"`
	CreatedAt    time.Time   `json:"created_at"`
	UpdatedAt    time.Time   `json:"updated_at"`
	StageAt      time.Time   `json:"stage_at" doc:"since when it stands in its stage"`
	Revision     int         `json:"revision" doc:"grows with each change; send it back with an update"`
	Attempts     []uuid.UUID `json:"attempts" nullable:"false" doc:"the calls that made it"`
}

// SaleText is what somebody says of a sale.
type SaleText struct {
	Title      string     `json:"title" minLength:"1" maxLength:"200"`
	StageID    uuid.UUID  `json:"stage_id" format:"uuid"`
	Amount     int64      `json:"amount" minimum:"0" maximum:"1000000000000" doc:"in the currency's smallest unit"`
	Currency   string     `json:"currency" pattern:"^[A-Z]{3}$" doc:"ISO 4217"`
	FollowUpAt *time.Time `json:"follow_up_at,omitempty"`
	OwnerID    *uuid.UUID `json:"owner_id,omitempty" format:"uuid"`
	Note       string     `json:"note,omitempty" maxLength:"2000"`
}

func (t *SaleText) clean() error {
	t.Title = CleanText(t.Title, maxSaleTitle+1)
	switch {
	case t.Title == "" || utf8.RuneCountInString(t.Title) > maxSaleTitle:
		return &InputError{"title", "must have 1 to 200 characters"}
	case t.Amount < 0 || t.Amount > maxAmount:
		return &InputError{"amount", "must be between 0 and 1,000,000,000,000 of the currency's smallest unit"}
	case !currencyCode.MatchString(t.Currency):
		return &InputError{"currency", "must be three capital letters of ISO 4217, like EUR"}
	case utf8.RuneCountInString(t.Note) > maxSaleNote:
		return &InputError{"note", "must have at most 2000 characters"}
	}
	t.Note = cleanLines(t.Note, maxSaleNote)
	return nil
}

const saleSQL = `SELECT s.id, s.campaign_id, coalesce(c.name, ''), s.contact_id, coalesce(p.name, ''), s.title, s.stage_id, g.name_en, g.name_zh, g.kind, s.amount, s.currency,
	s.follow_up_at, s.owner_id, coalesce(o.name, ''), s.note, s.created_by, u.name, s.created_at, s.updated_at, s.stage_at, s.revision,
	ARRAY(SELECT attempt_id FROM sale_attempts a WHERE a.sale_id = s.id ORDER BY added_at, attempt_id)
	FROM sales s JOIN sale_stages g ON g.id = s.stage_id JOIN users u ON u.id = s.created_by LEFT JOIN users o ON o.id = s.owner_id
	LEFT JOIN campaigns c ON c.id = s.campaign_id LEFT JOIN contacts p ON p.id = s.contact_id `

// saleMine is true for sales of an agent: made or owned by him, or made by a call of his.
const saleMine = `(s.created_by = %[1]s OR s.owner_id = %[1]s OR EXISTS (SELECT FROM sale_attempts sa JOIN attempts a ON a.id = sa.attempt_id WHERE sa.sale_id = s.id AND a.agent_id = %[1]s))`

// SaleFilter chooses sales; zero fields leave nothing out.
type SaleFilter struct {
	Campaign, Stage, Owner, Contact, Attempt uuid.UUID
	Agent                                    uuid.UUID // his own ones
	Kind                                     string
	DueBefore                                time.Time // of the follow-up
	From, To                                 time.Time // of the making
	Before                                   time.Time // of the making, with BeforeID: the page after
	BeforeID                                 uuid.UUID
	Limit                                    int
}

func nilTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Sales returns sales, newest first; with DueBefore, those to be followed up first.
func (s *Store) Sales(ctx context.Context, f SaleFilter) ([]Sale, error) {
	order := `s.created_at DESC, s.id DESC`
	if !f.DueBefore.IsZero() {
		order = `s.follow_up_at, s.id`
	}
	rows, err := s.pool.Query(ctx, saleSQL+fmt.Sprintf(`WHERE ($1::uuid IS NULL OR s.campaign_id = $1) AND ($2::uuid IS NULL OR s.stage_id = $2) AND ($3::uuid IS NULL OR s.owner_id = $3)
		AND ($4::uuid IS NULL OR s.contact_id = $4) AND ($5::uuid IS NULL OR EXISTS (SELECT FROM sale_attempts a WHERE a.sale_id = s.id AND a.attempt_id = $5))
		AND ($6::uuid IS NULL OR `+saleMine+`) AND ($7 = '' OR g.kind = $7) AND ($8::timestamptz IS NULL OR s.follow_up_at < $8 AND g.kind = 'open')
		AND ($9::timestamptz IS NULL OR s.created_at >= $9) AND ($10::timestamptz IS NULL OR s.created_at < $10)
		AND ($11::timestamptz IS NULL OR (s.created_at, s.id) < ($11, $12::uuid)) ORDER BY `+order+` LIMIT $13`, "$6::uuid"),
		nilID(f.Campaign), nilID(f.Stage), nilID(f.Owner), nilID(f.Contact), nilID(f.Attempt), nilID(f.Agent), f.Kind, nilTime(f.DueBefore), nilTime(f.From), nilTime(f.To),
		nilTime(f.Before), f.BeforeID, page(f.Limit))
	if err != nil {
		return nil, fmt.Errorf("sales: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Sale])
	if err != nil {
		return nil, fmt.Errorf("sales: %w", err)
	}
	return out, nil
}

// Sale returns one sale, or ErrNotFound. agent: only if it is one of his; zero: any.
func (s *Store) Sale(ctx context.Context, id, agent uuid.UUID) (Sale, error) {
	rows, err := s.pool.Query(ctx, saleSQL+fmt.Sprintf(`WHERE s.id = $1 AND ($2::uuid IS NULL OR `+saleMine+`)`, "$2::uuid"), id, nilID(agent))
	if err != nil {
		return Sale{}, fmt.Errorf("sale %s: %w", id, err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Sale])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Sale{}, fmt.Errorf("sale %s: %w", id, err)
	}
	return out, nil
}

// NewSale is a sale that begins with a call.
type NewSale struct {
	ID      uuid.UUID
	Attempt uuid.UUID
	Agent   uuid.UUID // the call must be his; zero: anybody's
	By      uuid.UUID
	SaleText
}

// CreateSale stores a sale that a call made. The same id again gives the same sale. Errors: *InputError (title, amount, currency, note,
// stage_id, owner_id, id), ErrNotFound: there is no such call, or it is not the agent's.
func (s *Store) CreateSale(ctx context.Context, n NewSale) (Sale, error) {
	if err := n.clean(); err != nil {
		return Sale{}, err
	}
	if n.ID == uuid.Nil {
		return Sale{}, &InputError{"id", "is missing"}
	}
	campaign, contact, err := s.AttemptOf(ctx, n.Attempt, n.Agent)
	if err != nil {
		return Sale{}, err
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if err := stageFits(ctx, tx, campaign, n.StageID); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `INSERT INTO sales (id, campaign_id, contact_id, title, stage_id, amount, currency, follow_up_at, owner_id, note, created_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING`, n.ID, campaign, contact, n.Title, n.StageID, n.Amount, n.Currency, n.FollowUpAt,
			n.OwnerID, n.Note, n.By)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO sale_attempts (sale_id, attempt_id) VALUES ($1, $2)`, n.ID, n.Attempt); err != nil {
			return err
		}
		return noteSale(ctx, tx, n.ID, n.By, n.SaleText)
	})
	if err = saleProblem(err); err != nil {
		return Sale{}, fmt.Errorf("create sale: %w", err)
	}
	made, err := s.Sale(ctx, n.ID, uuid.Nil)
	if err == nil && (made.CreatedBy != n.By || made.ContactID != contact) {
		return Sale{}, &InputError{"id", "was used for another sale"}
	}
	return made, err
}

func stageFits(ctx context.Context, tx pgx.Tx, campaign, stage uuid.UUID) error {
	var fits bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM sale_stages g WHERE g.id = $2 AND NOT g.retired AND (g.campaign_id = $1 OR g.campaign_id IS NULL AND NOT EXISTS (
		SELECT FROM sale_stages own WHERE own.campaign_id = $1 AND NOT own.retired)))`, campaign, stage).Scan(&fits)
	if err == nil && !fits {
		return &InputError{"stage_id", "is no stage of the campaign's sales"}
	}
	return err
}

func noteSale(ctx context.Context, tx pgx.Tx, id, by uuid.UUID, t SaleText) error {
	_, err := tx.Exec(ctx, `INSERT INTO sale_changes (sale_id, by_user, stage_id, amount, currency) VALUES ($1, $2, $3, $4, $5)`, id, by, t.StageID, t.Amount, t.Currency)
	return err
}

func saleProblem(err error) error {
	if violated(err) == "sales_owner_id_fkey" {
		return &InputError{"owner_id", "there is no such user"}
	}
	return err
}

// UpdateSale changes a sale whose revision is still the newest; a change of stage or amount is appended to its history. attempt (zero:
// none) is another call that made it. Errors: ErrStale, ErrNotFound, *InputError as CreateSale and attempt_id.
func (s *Store) UpdateSale(ctx context.Context, id uuid.UUID, revision int, t SaleText, attempt, by uuid.UUID) (Sale, error) {
	if err := t.clean(); err != nil {
		return Sale{}, err
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var campaign, contact, stage uuid.UUID
		var amount int64
		var currency string
		var now int
		err := tx.QueryRow(ctx, `SELECT campaign_id, contact_id, stage_id, amount, currency, revision FROM sales WHERE id = $1 FOR UPDATE`, id).
			Scan(&campaign, &contact, &stage, &amount, &currency, &now)
		switch {
		case noRows(err):
			return ErrNotFound
		case err != nil:
			return err
		case now != revision:
			return ErrStale
		}
		if stage != t.StageID {
			if err := stageFits(ctx, tx, campaign, t.StageID); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE sales SET title = $2, stage_at = CASE WHEN stage_id = $3 THEN stage_at ELSE now() END, stage_id = $3, amount = $4, currency = $5,
			follow_up_at = $6, owner_id = $7, note = $8, updated_at = now(), revision = revision + 1 WHERE id = $1`, id, t.Title, t.StageID, t.Amount, t.Currency,
			t.FollowUpAt, t.OwnerID, t.Note); err != nil {
			return err
		}
		if stage != t.StageID || amount != t.Amount || currency != t.Currency {
			if err := noteSale(ctx, tx, id, by, t); err != nil {
				return err
			}
		}
		return addSaleCall(ctx, tx, id, contact, attempt)
	})
	if err = saleProblem(err); err != nil {
		return Sale{}, fmt.Errorf("update sale %s: %w", id, err)
	}
	return s.Sale(ctx, id, uuid.Nil)
}

func addSaleCall(ctx context.Context, tx pgx.Tx, id, contact, attempt uuid.UUID) error {
	if attempt == uuid.Nil {
		return nil
	}
	tag, err := tx.Exec(ctx, `INSERT INTO sale_attempts (sale_id, attempt_id) SELECT $1, $2 WHERE
		(EXISTS (SELECT FROM attempts WHERE id = $2 AND contact_id = $3) OR EXISTS (SELECT FROM open_attempts WHERE id = $2 AND contact_id = $3))
		AND (SELECT count(*) FROM sale_attempts WHERE sale_id = $1) < $4 ON CONFLICT (sale_id, attempt_id) DO UPDATE SET added_at = sale_attempts.added_at`, id, attempt, contact, maxSaleCalls)
	if err == nil && tag.RowsAffected() == 0 {
		return &InputError{"attempt_id", "is no call to the sale's contact, or the sale has 50 calls already"}
	}
	return err
}

// SaleChange is one step of a sale's history.
type SaleChange struct {
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	StageID  uuid.UUID `json:"stage_id"`
	StageEN  string    `json:"stage_en"`
	StageZH  string    `json:"stage_zh"`
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
}

// SaleHistory returns what became of a sale, oldest first.
func (s *Store) SaleHistory(ctx context.Context, id uuid.UUID) ([]SaleChange, error) {
	rows, err := s.pool.Query(ctx, `SELECT h.at, u.name, h.stage_id, g.name_en, g.name_zh, h.amount, h.currency FROM sale_changes h JOIN users u ON u.id = h.by_user
		JOIN sale_stages g ON g.id = h.stage_id WHERE h.sale_id = $1 ORDER BY h.id LIMIT 1000`, id)
	if err != nil {
		return nil, fmt.Errorf("history of a sale: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SaleChange])
	if err != nil {
		return nil, fmt.Errorf("history of a sale: %w", err)
	}
	return out, nil
}

// SaleSum is what stands in one stage in one currency.
type SaleSum struct {
	StageID  uuid.UUID `json:"stage_id"`
	Kind     string    `json:"kind"`
	Currency string    `json:"currency"`
	Count    int64     `json:"count"`
	Amount   int64     `json:"amount"`
}

// SaleSums sums sales by stage and currency; agent: his own ones.
func (s *Store) SaleSums(ctx context.Context, campaign, agent uuid.UUID) ([]SaleSum, error) {
	rows, err := s.pool.Query(ctx, fmt.Sprintf(`SELECT s.stage_id, g.kind, s.currency, count(*), sum(s.amount)::bigint FROM sales s JOIN sale_stages g ON g.id = s.stage_id
		WHERE ($1::uuid IS NULL OR s.campaign_id = $1) AND ($2::uuid IS NULL OR `+saleMine+`) GROUP BY 1, 2, 3 ORDER BY 3, 1`, "$2::uuid"), nilID(campaign), nilID(agent))
	if err != nil {
		return nil, fmt.Errorf("sums of sales: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SaleSum])
	if err != nil {
		return nil, fmt.Errorf("sums of sales: %w", err)
	}
	return out, nil
}

// EachSale gives all sales of a filter to f, in batches, oldest pages last; f's error ends it.
func (s *Store) EachSale(ctx context.Context, f SaleFilter, do func(*Sale) error) error {
	f.Limit, f.DueBefore = 1000, time.Time{}
	for {
		batch, err := s.Sales(ctx, f)
		if err != nil {
			return err
		}
		for i := range batch {
			if err := do(&batch[i]); err != nil {
				return err
			}
		}
		if len(batch) < f.Limit {
			return nil
		}
		last := batch[len(batch)-1]
		f.Before, f.BeforeID = last.CreatedAt, last.ID
	}
}
