package importer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dialtide/dialtide/lists"
)

// letGo bounds the goodbye to the database, also when the caller has given up.
const letGo = 5 * time.Second

// Load is Import for a process that reads one file: it makes the import's row, and holds the import's lock while it
// reads, or a server over the same database would take the import for one that nobody works on. The request's ImportID is
// set by Load. Errors are those of Import and of lists.Store.CreateImport.
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
	req.ImportID = lists.NewID()
	if err := locks.Hold(ctx, req.ImportID); err != nil {
		return Report{}, err
	}
	if _, err := store.CreateImport(ctx, lists.Import{ID: req.ImportID, ListID: req.ListID, FileName: fileName, BytesTotal: req.Size}); err != nil {
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
	return report, err
}
