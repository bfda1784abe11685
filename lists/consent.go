package lists

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Consent is what a person agreed to, with the evidence of it. It is never changed: it can only be withdrawn, once.
type Consent struct {
	ID             uuid.UUID  `json:"id"`
	Phone          string     `json:"phone" doc:"E.164; empty: the consent is of the person, for each of his numbers"`
	Person         string     `json:"person" doc:"the customer's own id of the person (a contact's key), when known"`
	Purpose        string     `json:"purpose" doc:"what for: 1 to 40 of a-z, 0-9, _ . and -"`
	Evidence       string     `json:"evidence" doc:"what was said or signed, and where it can be found"`
	EvidenceSHA256 string     `json:"evidence_sha256" doc:"of the file that is the evidence, in hex; empty: none"`
	Source         string     `json:"source" doc:"where it was given: a form, a page, a call"`
	GivenAt        time.Time  `json:"given_at"`
	Until          *time.Time `json:"until" doc:"null: until it is withdrawn"`
	RecordedAt     time.Time  `json:"recorded_at"`
	RecordedBy     *uuid.UUID `json:"recorded_by"`
	WithdrawnAt    *time.Time `json:"withdrawn_at"`
	WithdrawnHow   string     `json:"withdrawn_how"`
	WithdrawnBy    *uuid.UUID `json:"withdrawn_by"`
}

const consentColumns = `id, phone, person, purpose, evidence, coalesce(encode(evidence_sha256, 'hex'), ''), source, given_at, until, recorded_at, recorded_by,
	withdrawn_at, withdrawn_how, withdrawn_by`

// MaxConsents bounds one AddConsents.
const MaxConsents = 5000

// check cleans a consent and says what is wrong with it.
func (c *Consent) check(now time.Time) *InputError {
	c.Person, c.Source = CleanText(c.Person, 200), CleanText(c.Source, 200)
	c.Evidence, c.EvidenceSHA256 = cleanLines(c.Evidence, maxNote), strings.ToLower(strings.TrimSpace(c.EvidenceSHA256))
	sum, err := hex.DecodeString(c.EvidenceSHA256)
	switch {
	case c.Phone == "" && c.Person == "":
		return &InputError{"phone", "a consent needs a number or a person"}
	case c.Phone != "" && !e164.MatchString(c.Phone):
		return &InputError{"phone", "must be a number in E.164 form, like +12025550100"}
	case !purposeName.MatchString(c.Purpose):
		return &InputError{"purpose", "must be 1 to 40 of a-z, 0-9, _ . and -"}
	case err != nil || len(sum) != 0 && len(sum) != 32:
		return &InputError{"evidence_sha256", "must be the 64 hex digits of a SHA-256"}
	case c.Evidence == "" && c.EvidenceSHA256 == "":
		return &InputError{"evidence", "must say how the consent was given, or give the SHA-256 of a file that does"}
	case c.GivenAt.IsZero() || c.GivenAt.After(now.Add(time.Minute)):
		return &InputError{"given_at", "must be when the consent was given, not in the future"}
	case c.Until != nil && !c.Until.After(c.GivenAt):
		return &InputError{"until", "must be after given_at"}
	}
	return nil
}

// Check cleans a consent and says what is wrong with it; nil: nothing. now is the law's time.
func (c *Consent) Check(now time.Time) *InputError { return c.check(now) }

// AddConsents writes consents down, all or none, with a row in the audit log before it commits. The same consent told again
// (number, person, purpose, moment) stays one; added counts the new ones. Errors: *InputError, for the first that is wrong,
// with its place: consents.3.phone.
func (s *Store) AddConsents(ctx context.Context, by uuid.UUID, consents []Consent) (added int, err error) {
	if len(consents) == 0 || len(consents) > MaxConsents {
		return 0, &InputError{"consents", fmt.Sprintf("must be 1 to %d", MaxConsents)}
	}
	now := s.local()
	if t := s.at(); t != nil {
		now = *t
	}
	for i := range consents {
		if wrong := consents[i].check(now); wrong != nil {
			return 0, &InputError{fmt.Sprintf("consents.%d.%s", i, wrong.Field), wrong.Reason}
		}
	}
	var actor *uuid.UUID
	if by != uuid.Nil {
		actor = &by
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		added = 0
		if err := audit(ctx, tx, by, "consent.add", fmt.Sprintf("consents:%d", len(consents)), auditConsents(consents)); err != nil {
			return err
		}
		b := &pgx.Batch{}
		for _, c := range consents {
			b.Queue(`INSERT INTO consents (id, phone, person, purpose, evidence, evidence_sha256, source, given_at, until, recorded_by)
				VALUES ($1, $2, $3, $4, $5, nullif(decode($6, 'hex'), ''), $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
				newID(), c.Phone, c.Person, c.Purpose, c.Evidence, c.EvidenceSHA256, c.Source, c.GivenAt, c.Until, actor)
		}
		r := tx.SendBatch(ctx, b)
		for range consents {
			tag, err := r.Exec()
			if err != nil {
				_ = r.Close()
				return err
			}
			added += int(tag.RowsAffected())
		}
		if err := r.Close(); err != nil {
			return err
		}
		phones := make([]string, 0, len(consents))
		for _, c := range consents {
			phones = append(phones, c.Phone)
		}
		return wakeConsented(ctx, tx, phones, now)
	})
	if violated(err) == "consents_recorded_by_fkey" {
		err = &InputError{"recorded_by", "there is no such user"}
	}
	if err != nil {
		return 0, fmt.Errorf("add consents: %w", err)
	}
	return added, nil
}

// auditConsents is what the audit log keeps: one consent in full, of many their purposes only. The rows themselves are the record.
func auditConsents(consents []Consent) string {
	if len(consents) == 1 {
		c := consents[0]
		return jsonText(map[string]any{"phone": c.Phone, "person": c.Person, "purpose": c.Purpose, "given_at": c.GivenAt})
	}
	purposes := map[string]int{}
	for _, c := range consents {
		purposes[c.Purpose]++
	}
	return jsonText(map[string]any{"purposes": purposes})
}

// Withdrawal takes consents back.
type Withdrawal struct {
	ID      uuid.UUID // one consent; or all of
	Phone   string    // this number,
	Person  string    // or this person,
	Purpose string    // for this purpose; "": for any
	How     string    // how the person said so
	By      uuid.UUID
}

// WithdrawConsent withdraws the consents that are meant, from now on, with a row in the audit log before it commits. A consent
// that was withdrawn before keeps its first withdrawal. It returns how many were withdrawn by this call; ErrNotFound: there is
// none, withdrawn or not. Errors: *InputError (phone, how).
func (s *Store) WithdrawConsent(ctx context.Context, w Withdrawal) (withdrawn int, err error) {
	w.How = CleanText(w.How, 500)
	switch {
	case w.How == "":
		return 0, &InputError{"how", "say how the person withdrew it"}
	case w.ID == uuid.Nil && w.Phone == "" && w.Person == "":
		return 0, &InputError{"phone", "give the number or the person"}
	}
	var actor *uuid.UUID
	if w.By != uuid.Nil {
		actor = &w.By
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		detail := jsonText(map[string]any{"phone": w.Phone, "person": w.Person, "purpose": w.Purpose, "how": w.How})
		if err := audit(ctx, tx, w.By, "consent.withdraw", "consent:"+w.ID.String(), detail); err != nil {
			return err
		}
		var meant int
		err := tx.QueryRow(ctx, `
			WITH meant AS (SELECT id, withdrawn_at FROM consents WHERE NOT erased AND CASE WHEN $1::uuid IS NOT NULL THEN id = $1
					ELSE ($2 <> '' AND phone = $2 OR $3 <> '' AND person = $3) AND $4 IN ('', purpose) END),
				done AS (UPDATE consents SET withdrawn_at = coalesce($5::timestamptz, now()), withdrawn_how = $6, withdrawn_by = $7
					WHERE id IN (SELECT id FROM meant WHERE withdrawn_at IS NULL) AND withdrawn_at IS NULL RETURNING id)
			SELECT (SELECT count(*) FROM meant), (SELECT count(*) FROM done)`, nilID(w.ID), w.Phone, w.Person, w.Purpose, s.at(), w.How, actor).Scan(&meant, &withdrawn)
		if err == nil && meant == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("withdraw consent: %w", err)
	}
	return withdrawn, nil
}

// ConsentFilter selects consents; zero fields do not restrict.
type ConsentFilter struct {
	Phone, Person, Purpose string
	Valid                  bool      // only those that count now
	Before                 uuid.UUID // older than this one: the next page
	Limit                  int
}

// Consents returns consents, the last recorded first.
func (s *Store) Consents(ctx context.Context, f ConsentFilter) ([]Consent, error) {
	where, args := "NOT erased", []any{page(f.Limit)}
	add := func(on bool, condition string, arg any) {
		if on {
			args = append(args, arg)
			where += fmt.Sprintf(" AND "+condition, len(args))
		}
	}
	add(f.Phone != "", "phone = $%d", f.Phone)
	add(f.Person != "", "person = $%d", CleanText(f.Person, 200))
	add(f.Purpose != "", "purpose = $%d", CleanText(f.Purpose, 40))
	add(f.Before != uuid.Nil, "id < $%d", f.Before)
	if f.Valid {
		args = append(args, s.at())
		n := len(args)
		where += fmt.Sprintf(" AND given_at <= coalesce($%d::timestamptz, now()) AND coalesce(least(until, withdrawn_at), 'infinity') > coalesce($%d::timestamptz, now())", n, n)
	}
	rows, err := s.pool.Query(ctx, `SELECT `+consentColumns+` FROM consents WHERE `+where+` ORDER BY id DESC LIMIT $1`, args...)
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Consent])
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	return out, nil
}

// HasConsent reports whether the number, or the person where he is known, has a consent for the purpose that counts now.
func (s *Store) HasConsent(ctx context.Context, phone, person, purpose string) (valid bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM consents k WHERE k.phone = $1 AND k.phone <> '' AND `+consentCounts+`)
		OR EXISTS (SELECT FROM consents k WHERE k.person = $2 AND k.person <> '' AND `+consentCounts+`)`, phone, person, purpose, s.at()).Scan(&valid)
	if err != nil {
		return false, fmt.Errorf("consent: %w", err)
	}
	return valid, nil
}

const consentCounts = `k.purpose = $3 AND NOT k.erased AND k.given_at <= coalesce($4::timestamptz, now())
	AND coalesce(least(k.until, k.withdrawn_at), 'infinity') > coalesce($4::timestamptz, now())`

// KeepConsents is how long consents are kept after they were given, ended, and were last used for a call: five years, the longest
// of the laws that say so (Germany, UWG 7a; United States, 16 CFR 310.5).
const KeepConsents = 5 * 366 * 24 * time.Hour

// ForgetConsents deletes consents whose retention is over: older than keep since they were given, since they ended or were
// withdrawn, and since the last attempt to their number. It works in short batches and returns how many were deleted.
func (s *Store) ForgetConsents(ctx context.Context, keep time.Duration) (deleted int64, err error) {
	if keep < 24*time.Hour {
		return 0, &InputError{"keep", "must be at least a day"}
	}
	for more := true; more; {
		err := s.tx(ctx, func(tx pgx.Tx) error {
			if err := personMode(ctx, tx); err != nil {
				return err
			}
			tag, err := tx.Exec(ctx, `DELETE FROM consents WHERE id = ANY (ARRAY(SELECT id FROM consents k
				WHERE given_at < coalesce($1::timestamptz, now()) - $2::interval AND least(until, withdrawn_at) < coalesce($1::timestamptz, now()) - $2::interval
					AND NOT EXISTS (SELECT FROM attempts a WHERE a.phone = k.phone AND k.phone <> '' AND a.permit_at >= coalesce($1::timestamptz, now()) - $2::interval)
				ORDER BY id LIMIT $3))`, s.at(), keep, trimBatch)
			deleted += tag.RowsAffected()
			more = err == nil && tag.RowsAffected() == trimBatch
			return err
		})
		if err != nil {
			return deleted, fmt.Errorf("forget consents: %w", err)
		}
	}
	return deleted, nil
}

// personMode lets this transaction take persons out of rows that are final else.
func personMode(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT set_config('dialtide.person', 'erase', true)`)
	return err
}

// nilID is NULL for no id.
func nilID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
