package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// NewContact is a contact to be added to a list. Texts must have gone through CleanText.
type NewContact struct {
	Number   Number
	Name     string
	Fields   map[string]string
	JSON     []byte // the fields as a JSON object of strings; when it is set, Fields is not looked at
	Key      string // the customer's own id; "": none
	Priority int    // -1000 to 1000; above 0: hot
	Tags     []string
	Phones   []ContactPhone // further numbers, in the order in which they are to be tried
	OnDNC    bool           // the number is on a do-not-call list; claims ask anew
}

// ContactPhone is a further number of a contact.
type ContactPhone struct {
	Number Number
	Label  string // what the customer calls it: home, work, ...
}

// Reasons for which a contact is passed over.
const (
	DuplicateInFile  = "duplicate_in_file"  // the same import brought the number or key before
	DuplicateInList  = "duplicate_in_list"  // the list had the number or key before
	DuplicateInLists = "duplicate_in_lists" // another list has it
	KeyTaken         = "key_taken"          // another contact of the list has this key
	PhoneTaken       = "phone_taken"        // another contact of the list has this number
)

// What is done with a contact that is there already.
const (
	SkipDuplicate   = "skip"   // pass the new one over
	UpdateDuplicate = "update" // what the new one has replaces what is there
	MergeDuplicate  = "merge"  // what the new one has fills what is empty
)

// Duplicates says what makes two contacts one, and what then happens. The zero value: by number, the first one stays, other
// lists do not matter.
type Duplicates struct {
	By     string `json:"by,omitempty" enum:"number,key" doc:"what makes two contacts one: number (default) or key; numbers stay unique in a list in both cases"`
	InFile string `json:"in_file,omitempty" enum:"skip,update,merge" doc:"a later row of the same file: skip (default), update what the earlier one left, or merge: fill what is empty"`
	InList string `json:"in_list,omitempty" enum:"skip,update,merge" doc:"contacts that the list has already: skip (default), update or merge"`
	Across string `json:"across,omitempty" enum:"allow,skip,update,merge" doc:"contacts that other lists have: allow (default: they are in both), skip, or update or merge the one that is there"`
}

const byKey = "key"

// Check returns an *InputError when a policy is none.
func (d Duplicates) Check() error {
	for _, p := range []struct{ field, value, others string }{
		{"by", d.By, "|number|key|"}, {"in_file", d.InFile, "|skip|update|merge|"}, {"in_list", d.InList, "|skip|update|merge|"},
		{"across", d.Across, "|allow|skip|update|merge|"},
	} {
		if !oneOf(p.value, p.others) {
			return &InputError{"duplicates." + p.field, fmt.Sprintf("%q is not one of %s", CleanText(p.value, 20), p.others)}
		}
	}
	return nil
}

// Skips reports whether what is there is never changed.
func (d Duplicates) Skips() bool {
	return d.By != byKey && orSkip(d.InFile) == SkipDuplicate && orSkip(d.InList) == SkipDuplicate && (d.Across == "" || d.Across == "allow")
}

func orSkip(policy string) string {
	if policy == "" {
		return SkipDuplicate
	}
	return policy
}

// MaxAppend bounds one call of AppendContacts, so that the list's lock is held for a short time only.
const MaxAppend = 5000

// AppendContacts adds contacts to the end of a list within the caller's transaction, which must be READ COMMITTED and
// short: it holds the list's lock until its commit, which makes the order of seq the order of commits, so that the
// campaigns' cursors miss nobody. The result has one reason per contact, "" for those that were added.
func AppendContacts(ctx context.Context, tx pgx.Tx, list, importID uuid.UUID, contacts []NewContact) ([]string, error) {
	if len(contacts) > MaxAppend {
		return nil, &InputError{"contacts", fmt.Sprintf("at most %d at a time", MaxAppend)}
	}
	placed, err := upsertContacts(ctx, tx, list, importID, contacts, Duplicates{}, false)
	if err != nil {
		return nil, err
	}
	reasons := make([]string, len(placed))
	for i, p := range placed {
		reasons[i] = p.Reason
	}
	return reasons, nil
}

// AddContacts is AppendContacts in a transaction of its own, for any number of contacts in short batches.
func (s *Store) AddContacts(ctx context.Context, list uuid.UUID, contacts []NewContact) (added int, err error) {
	for len(contacts) > 0 {
		batch := contacts[:min(len(contacts), MaxAppend)]
		contacts = contacts[len(batch):]
		placed, err := s.UpsertContacts(ctx, list, batch, Duplicates{})
		if err != nil {
			return added, err
		}
		for _, p := range placed {
			if p.Did == Added {
				added++
			}
		}
	}
	return added, nil
}

// UpsertContacts adds contacts to a list or changes those that are there, as the policy says, in one transaction. It works
// while campaigns run on the list. At most MaxAppend at a time. An unknown list is ErrNotFound.
func (s *Store) UpsertContacts(ctx context.Context, list uuid.UUID, contacts []NewContact, d Duplicates) (placed []Upserted, err error) {
	if len(contacts) > MaxAppend {
		return nil, &InputError{"contacts", fmt.Sprintf("at most %d at a time", MaxAppend)}
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	err = s.tx(ctx, func(tx pgx.Tx) (err error) {
		placed, err = upsertContacts(ctx, tx, list, uuid.Nil, contacts, d, false)
		return err
	})
	if violated(err) == "contacts_list_id_fkey" {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("place %d contacts: %w", len(contacts), err)
	}
	return placed, nil
}

// lockListSQL makes the order of seq the order of commits.
const lockListSQL = `SELECT pg_advisory_xact_lock($1, hashtext($2::text))`
