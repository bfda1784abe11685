package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// SimulationState says how far the answer to a what-if question is.
type SimulationState string

// States of a simulation. The last is not stored: it is what a running one looks like whose process is gone.
const (
	SimulationWaiting     SimulationState = "waiting"
	SimulationRunning     SimulationState = "running"
	SimulationDone        SimulationState = "done"
	SimulationFailed      SimulationState = "failed"
	SimulationCancelled   SimulationState = "cancelled"
	SimulationInterrupted SimulationState = "interrupted"
)

// Bounds of simulations.
const (
	SimulationsKept = 20          // newest ones of a campaign
	simulationLife  = time.Minute // without a beat a simulation is thought to be interrupted
)

// Simulation is a what-if question about a campaign, and its answer. Question and answer are the asker's own JSON.
type Simulation struct {
	ID         uuid.UUID
	CampaignID uuid.UUID
	Question   json.RawMessage
	State      SimulationState
	Progress   float64 // 0 to 1
	Answer     json.RawMessage
	Problem    string // why it failed
	CreatedBy  *uuid.UUID
	CreatedAt  time.Time
	EndedAt    *time.Time
}

// CreateSimulation notes a question that this process is about to answer, and forgets the oldest of the campaign that are over.
func (s *Store) CreateSimulation(ctx context.Context, m Simulation) (Simulation, error) {
	m.ID, m.State, m.Progress, m.Answer = newID(), SimulationWaiting, 0, nil
	err := s.tx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `INSERT INTO simulations (id, campaign_id, question, created_by) VALUES ($1, $2, $3, $4) RETURNING created_at`,
			m.ID, m.CampaignID, m.Question, m.CreatedBy).Scan(&m.CreatedAt)
		if violated(err) == "simulations_campaign_id_fkey" {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM simulations WHERE id IN (SELECT id FROM simulations WHERE campaign_id = $1 ORDER BY created_at DESC, id DESC OFFSET $2)
			AND (ended_at IS NOT NULL OR beat_at < now() - $3::interval)`, m.CampaignID, SimulationsKept, simulationLife)
		return err
	})
	if err != nil {
		return Simulation{}, fmt.Errorf("create simulation: %w", err)
	}
	return m, nil
}

// simulationSQL reads simulations; the answer only where it is wanted.
const simulationSQL = `SELECT id, campaign_id, question,
	CASE WHEN ended_at IS NULL AND beat_at < now() - $2::interval THEN 'interrupted' ELSE state END, progress, CASE WHEN $3 THEN answer END,
	problem, created_by, created_at, ended_at FROM simulations `

// Simulation returns one with its answer, or ErrNotFound.
func (s *Store) Simulation(ctx context.Context, id uuid.UUID) (Simulation, error) {
	rows, err := s.pool.Query(ctx, simulationSQL+`WHERE id = $1`, id, simulationLife, true)
	if err != nil {
		return Simulation{}, fmt.Errorf("simulation %s: %w", id, err)
	}
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Simulation])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Simulation{}, fmt.Errorf("simulation %s: %w", id, err)
	}
	return m, nil
}

// Simulations returns those of a campaign without their answers, newest first.
func (s *Store) Simulations(ctx context.Context, campaign uuid.UUID) ([]Simulation, error) {
	rows, err := s.pool.Query(ctx, simulationSQL+`WHERE campaign_id = $1 ORDER BY created_at DESC, id DESC LIMIT 100`, campaign, simulationLife, false)
	if err != nil {
		return nil, fmt.Errorf("simulations of campaign %s: %w", campaign, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Simulation])
	if err != nil {
		return nil, fmt.Errorf("simulations of campaign %s: %w", campaign, err)
	}
	return all, nil
}

// BeatSimulation says that a simulation goes on and how far it is. It returns false when it is to be given up: somebody has
// cancelled it, or its campaign is gone.
func (s *Store) BeatSimulation(ctx context.Context, id uuid.UUID, state SimulationState, progress float64) (goOn bool, err error) {
	tag, err := s.pool.Exec(ctx, `UPDATE simulations SET state = $2, progress = $3, beat_at = now() WHERE id = $1 AND ended_at IS NULL`, id, state, progress)
	if err != nil {
		return true, fmt.Errorf("beat simulation %s: %w", id, err)
	}
	return tag.RowsAffected() == 1, nil
}

// EndSimulation stores the answer, or why there is none. One that is over already stays as it is.
func (s *Store) EndSimulation(ctx context.Context, id uuid.UUID, state SimulationState, answer json.RawMessage, problem string) error {
	_, err := s.pool.Exec(ctx, `UPDATE simulations SET state = $2, answer = $3, problem = $4, ended_at = now(),
		progress = CASE WHEN $2 = 'done' THEN 1 ELSE progress END WHERE id = $1 AND ended_at IS NULL`, id, state, answer, problem)
	if err != nil {
		return fmt.Errorf("end simulation %s: %w", id, err)
	}
	return nil
}
