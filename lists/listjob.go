package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ListJobKind is what a list job does.
type ListJobKind string

// The kinds of list jobs.
const (
	JobSplit  ListJobKind = "split"  // contacts of a list move to new lists
	JobMerge  ListJobKind = "merge"  // contacts of lists move to another list
	JobCopy   ListJobKind = "copy"   // a list gets copies of another's contacts
	JobReset  ListJobKind = "reset"  // a campaign forgets where contacts of a list stand; their history stays
	JobTag    ListJobKind = "tag"    // contacts get or lose tags
	JobRewalk ListJobKind = "rewalk" // a campaign looks again at contacts that no segment of it held
	// JobRecheck looks again at contacts that a registry kept back, or that waited for the agents of a segment.
	JobRecheck ListJobKind = "recheck"
)

// States of a list job.
const (
	JobWaiting   = "waiting"
	JobRunning   = "running"
	JobDone      = "done"
	JobFailed    = "failed"
	JobCancelled = "cancelled"
)

// ListJob is long work on lists, done in the background in short steps. It survives the process: another one goes on.
type ListJob struct {
	ID         uuid.UUID   `json:"id"`
	Kind       ListJobKind `json:"kind" enum:"split,merge,copy,reset,tag,rewalk,recheck"`
	ListID     *uuid.UUID  `json:"list_id" doc:"the list that is worked on, or worked into"`
	CampaignID *uuid.UUID  `json:"campaign_id" doc:"of reset, rewalk and recheck"`
	State      string      `json:"state" enum:"waiting,running,done,failed,cancelled"`
	Total      int64       `json:"total" doc:"contacts to look at"`
	Seen       int64       `json:"seen" doc:"contacts looked at"`
	Changed    int64       `json:"changed" doc:"contacts moved, copied, reset or tagged"`
	Skipped    int64       `json:"skipped" doc:"contacts that stayed because the other list has their number or key"`
	Problem    string      `json:"problem" doc:"why it failed"`
	NewLists   []uuid.UUID `json:"new_lists" nullable:"false" doc:"lists that it fills"`
	CreatedBy  *uuid.UUID  `json:"created_by"`
	CreatedAt  time.Time   `json:"created_at"`
	EndedAt    *time.Time  `json:"ended_at"`
}

const (
	// jobBatch is how many contacts one step changes: its transaction holds locks that claims wait for.
	jobBatch = 500
	// jobLife is how long a running job may be silent before another process takes it.
	jobLife = 30 * time.Second
)

const listJobSQL = `SELECT id, kind, list_id, campaign_id, state, total, seen, changed, skipped, problem,
	ARRAY(SELECT x::uuid FROM jsonb_array_elements_text(coalesce(params -> 'new_lists', '[]')) AS x), created_by, created_at, ended_at FROM list_jobs `

// ListJob returns one job, or ErrNotFound.
func (s *Store) ListJob(ctx context.Context, id uuid.UUID) (ListJob, error) {
	rows, err := s.pool.Query(ctx, listJobSQL+`WHERE id = $1`, id)
	if err != nil {
		return ListJob{}, fmt.Errorf("list job %s: %w", id, err)
	}
	j, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[ListJob])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return ListJob{}, fmt.Errorf("list job %s: %w", id, err)
	}
	return j, nil
}

// ListJobs returns the newest jobs of a list, or of all lists when list is uuid.Nil.
func (s *Store) ListJobs(ctx context.Context, list uuid.UUID, limit int) ([]ListJob, error) {
	rows, err := s.pool.Query(ctx, listJobSQL+`WHERE $1 IN (list_id, '00000000-0000-0000-0000-000000000000'::uuid) OR params -> 'new_lists' ? $1::text
		OR params -> 'sources' ? $1::text ORDER BY created_at DESC, id DESC LIMIT $2`, list, page(limit))
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ListJob])
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return out, nil
}

// CancelListJob ends a job that has not ended. What it has done stays done.
func (s *Store) CancelListJob(ctx context.Context, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `UPDATE list_jobs SET state = 'cancelled', ended_at = now() WHERE id = $1 AND ended_at IS NULL AND kind NOT IN ('rewalk', 'recheck')`, id)
	if err == nil && tag.RowsAffected() == 0 {
		_, err = s.ListJob(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("cancel list job %s: %w", id, err)
	}
	return nil
}

// addJob stores a job within the transaction that made what it needs.
func addJob(ctx context.Context, tx pgx.Tx, j ListJob, params any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO list_jobs (id, kind, list_id, campaign_id, params, total, created_by) VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)`,
		j.ID, j.Kind, j.ListID, j.CampaignID, string(raw), j.Total, j.CreatedBy)
	return err
}

// workedJob is a job in the hands of this process.
type workedJob struct {
	id       uuid.UUID
	worker   uuid.UUID
	kind     ListJobKind
	list     *uuid.UUID
	campaign *uuid.UUID
	params   []byte
	cursor   []byte
	creator  *uuid.UUID
}

// stepped is what one step of a job did.
type stepped struct {
	cursor                 any // where the next step goes on; nil: the job is done
	seen, changed, skipped int64
}

// jobStep does one step of a job within a transaction.
type jobStep func(ctx context.Context, s *Store, tx pgx.Tx, j *workedJob) (stepped, error)

var jobSteps = map[ListJobKind]jobStep{
	JobSplit: stepSplit, JobMerge: stepMerge, JobCopy: stepCopy, JobReset: stepReset, JobTag: stepTag, JobRewalk: stepRewalk, JobRecheck: stepRecheck,
}

// WorkListJob takes the oldest job that waits, or whose process is gone, and does it to its end. It returns false when there
// is none. A job that fails is marked so, with its reason, and is no error; errors are those of the database and of ctx, after
// which the job is taken again.
func (s *Store) WorkListJob(ctx context.Context) (worked bool, err error) {
	j := &workedJob{worker: newID()}
	err = s.pool.QueryRow(ctx, `UPDATE list_jobs SET state = 'running', worker = $1, beat_at = now() WHERE id = (
		SELECT id FROM list_jobs WHERE ended_at IS NULL AND (state = 'waiting' OR beat_at < now() - $2::interval)
		ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, kind, list_id, campaign_id, params, created_by`, j.worker, jobLife).Scan(
		&j.id, &j.kind, &j.list, &j.campaign, &j.params, &j.creator)
	if noRows(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take a list job: %w", err)
	}
	for {
		goOn, err := s.stepJob(ctx, j)
		if err != nil && ctx.Err() == nil && !connectionLost(err) {
			err = s.failJob(ctx, j, err)
			goOn = false
		}
		if err != nil {
			return true, fmt.Errorf("list job %s: %w", j.id, err)
		}
		if !goOn {
			return true, nil
		}
	}
}

// errNotMine says that the job was cancelled or that another process has it.
var errNotMine = errors.New("the job is not this worker's any more")

func (s *Store) stepJob(ctx context.Context, j *workedJob) (goOn bool, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '10s'`); err != nil {
			return err
		}
		// The job's row is locked last, so that a cancel never waits for a step: the cursor is checked again at its end.
		if err := tx.QueryRow(ctx, `SELECT cursor FROM list_jobs WHERE id = $1 AND worker = $2 AND ended_at IS NULL`, j.id, j.worker).Scan(&j.cursor); err != nil {
			if noRows(err) {
				return errNotMine
			}
			return err
		}
		step, known := jobSteps[j.kind]
		if !known {
			return fmt.Errorf("a job of unknown kind %q", j.kind)
		}
		did, err := step(ctx, s, tx, j)
		if err != nil {
			return err
		}
		goOn = did.cursor != nil
		cursor := []byte("{}")
		if goOn {
			if cursor, err = json.Marshal(did.cursor); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, `UPDATE list_jobs SET cursor = $3::jsonb, seen = seen + $4, changed = changed + $5, skipped = skipped + $6, beat_at = now(),
			state = CASE WHEN $7 THEN 'running' ELSE 'done' END, ended_at = CASE WHEN $7 THEN NULL ELSE now() END
			WHERE id = $1 AND worker = $2 AND ended_at IS NULL`, j.id, j.worker, string(cursor), did.seen, did.changed, did.skipped, goOn)
		if err == nil && tag.RowsAffected() == 0 {
			err = errNotMine
		}
		return err
	})
	if errors.Is(err, errNotMine) {
		return false, nil
	}
	return goOn, err
}

func (s *Store) failJob(ctx context.Context, j *workedJob, why error) error {
	_, err := s.pool.Exec(ctx, `UPDATE list_jobs SET state = 'failed', problem = $3, ended_at = now() WHERE id = $1 AND worker = $2 AND ended_at IS NULL`,
		j.id, j.worker, CleanText(why.Error(), 300))
	return err
}

func (j *workedJob) read(params, cursor any) error {
	if err := json.Unmarshal(j.params, params); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	if cursor == nil {
		return nil
	}
	if err := json.Unmarshal(j.cursor, cursor); err != nil {
		return fmt.Errorf("read the job's cursor: %w", err)
	}
	return nil
}
