package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Kinds of a [SaleStage].
const (
	StageOpen = "open"
	StageWon  = "won"
	StageLost = "lost"
)

const maxStages = 20

// SaleStage is where a sale may stand.
type SaleStage struct {
	ID     uuid.UUID `json:"id,omitempty" doc:"of a new stage: missing or zero"`
	NameEN string    `json:"name_en" minLength:"1" maxLength:"60"`
	NameZH string    `json:"name_zh" minLength:"1" maxLength:"60"`
	Kind   string    `json:"kind" enum:"open,won,lost"`
}

// SaleStages are the stages of a campaign in their order: its own, or, when it has none or is zero, those of all campaigns.
func (s *Store) SaleStages(ctx context.Context, campaign uuid.UUID) ([]SaleStage, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, name_en, name_zh, kind FROM sale_stages WHERE NOT retired AND campaign_id IS NOT DISTINCT FROM
		(SELECT campaign_id FROM sale_stages WHERE campaign_id = $1 AND NOT retired LIMIT 1) ORDER BY position`, nilID(campaign))
	if err != nil {
		return nil, fmt.Errorf("sale stages: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SaleStage])
	if err != nil {
		return nil, fmt.Errorf("sale stages: %w", err)
	}
	return out, nil
}

// PutSaleStages sets the stages of a campaign (zero: those of all that have none of their own). Stages that are left out are retired:
// what stands there stays. An empty list gives a campaign the common ones. Errors: *InputError (stages, stages[n]), ErrNotFound.
func (s *Store) PutSaleStages(ctx context.Context, campaign uuid.UUID, stages []SaleStage) ([]SaleStage, error) {
	if err := checkStages(campaign, stages); err != nil {
		return nil, err
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		keep := make([]uuid.UUID, 0, len(stages))
		for i, g := range stages {
			id := g.ID
			if id == uuid.Nil {
				id = newID()
			}
			keep = append(keep, id)
			tag, err := tx.Exec(ctx, `INSERT INTO sale_stages AS g (id, campaign_id, name_en, name_zh, position, kind) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (id) DO UPDATE SET name_en = excluded.name_en, name_zh = excluded.name_zh, position = excluded.position, kind = excluded.kind, retired = false
				WHERE g.campaign_id IS NOT DISTINCT FROM $2`, id, nilID(campaign), g.NameEN, g.NameZH, i+1, g.Kind)
			if err != nil {
				return err
			}
			if tag.RowsAffected() == 0 {
				return &InputError{fmt.Sprintf("stages[%d].id", i), "is a stage of another campaign"}
			}
		}
		_, err := tx.Exec(ctx, `UPDATE sale_stages SET retired = true WHERE campaign_id IS NOT DISTINCT FROM $1 AND id <> ALL ($2)`, nilID(campaign), keep)
		return err
	})
	if violated(err) == "sale_stages_campaign_id_fkey" {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("set sale stages: %w", err)
	}
	return s.SaleStages(ctx, campaign)
}

func checkStages(campaign uuid.UUID, stages []SaleStage) error {
	if len(stages) > maxStages || len(stages) == 0 && campaign == uuid.Nil {
		return &InputError{"stages", fmt.Sprintf("must be 1 to %d", maxStages)}
	}
	kinds := map[string]bool{}
	for i := range stages {
		g := &stages[i]
		field := fmt.Sprintf("stages[%d].", i)
		g.NameEN, g.NameZH = CleanText(g.NameEN, 60), CleanText(g.NameZH, 60)
		switch {
		case g.NameEN == "":
			return &InputError{field + "name_en", "must have 1 to 60 characters"}
		case g.NameZH == "":
			return &InputError{field + "name_zh", "must have 1 to 60 characters"}
		case g.Kind != StageOpen && g.Kind != StageWon && g.Kind != StageLost:
			return &InputError{field + "kind", "must be open, won or lost"}
		}
		kinds[g.Kind] = true
	}
	if len(stages) > 0 && (!kinds[StageOpen] || !kinds[StageWon]) {
		return &InputError{"stages", "must have one that is open and one that is won"}
	}
	return nil
}
