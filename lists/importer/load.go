package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// letGo bounds the goodbye to the database, also when the caller has given up.
const letGo = 5 * time.Second

// Load is Import for a process that reads one file: it makes the import's row, or goes on with the one of the request's
// ImportID, and holds the import's lock while it reads, or a server over the same database would take the import for one that
// nobody works on. When ctx ends the import is marked as interrupted. Errors are those of Import and of
// lists.Store.CreateImport.
func Load(ctx context.Context, store *lists.Store, fileName string, req ImportRequest) (Report, error) {
	locks := store.ImportLocks()
	var keeping sync.WaitGroup
	kept, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		keeping.Wait()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), letGo)
		defer cancel()
		locks.Close(end)
	}()
	resume := req.ImportID != uuid.Nil
	if !resume {
		req.ImportID = lists.NewID()
	}
	if err := locks.Hold(ctx, req.ImportID); err != nil {
		return Report{}, err
	}
	if err := begin(ctx, store, fileName, &req, resume); err != nil {
		return Report{}, err
	}
	var lost error // why the lock is not had, for the case that somebody ends the import meanwhile
	keeping.Go(func() { locks.Keep(kept, func(err error) { lost = err }) })
	report, err := Import(ctx, store, req)
	if err != nil {
		stop()
		keeping.Wait()
		if lost != nil {
			err = errors.Join(err, fmt.Errorf("the import's lock was lost: %w", lost))
		}
	}
	if ctx.Err() != nil {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), letGo)
		defer cancel()
		err = errors.Join(err, store.EndImport(end, req.ImportID, lists.ImportInterrupted))
	}
	return report, err
}

// begin makes the import's row, or takes up the one that was interrupted with the plan that it had.
func begin(ctx context.Context, store *lists.Store, fileName string, req *ImportRequest, resume bool) error {
	if resume {
		i, err := store.StartImport(ctx, req.ImportID, nil)
		if err != nil {
			return err
		}
		req.ListID = i.ListID
		if len(i.Plan) > 0 {
			return json.Unmarshal(i.Plan, &req.Plan)
		}
		return nil
	}
	plan, err := json.Marshal(req.Plan)
	if err != nil {
		return err
	}
	_, err = store.CreateImport(ctx, lists.Import{ID: req.ImportID, ListID: req.ListID, FileName: fileName, BytesTotal: req.Size, Plan: plan})
	return err
}
