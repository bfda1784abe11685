// Package lists is the ledger: lists and their contacts, campaigns, permits, attempts, dispositions, callbacks and
// do-not-call numbers, all in PostgreSQL. Every exported method of [Store] that writes is one transaction on the primary,
// unless it says that it works in batches.
//
// Guarantees:
//   - I1: a number has at most one open attempt, across lists and campaigns (a unique index, besides the locks).
//   - I2: caps count every attempt that may have reached the callee, of all campaigns, from the end of its permit; an
//     unknown fate counts. trunk_failed and not_placed do not.
//   - I13: before a permit every rule of the campaign's packs is asked by [compliance.Rules], with facts read in the claim's own
//     transaction after the number's lock: history across campaigns, the last refusal, conversation and abandoned call
//     (number_marks, written by the end of attempts and by dispositions), consents, ages of registries. The permit names the
//     packs and versions that were asked.
//   - I3: [Store.AddDNC] and [Store.Claim] take the same lock on the number. When AddDNC has returned, later claims refuse
//     the number, and attempts that were open are marked as cancelled and handed to the caller, who withdraws them. The same
//     holds for all numbers of a person, those that are loaded later too, and for [Store.Erase], of which only a hash stays.
//   - A registry is replaced at one moment: [Store.LoadRegistry] fills and indexes a table of its own and points to it in one
//     transaction, so that whatever happens the numbers from before are asked or the new ones. A campaign that demands a
//     registry calls nobody while it is missing or too old.
//     Its load has ended only when no claim reads the numbers from before and unanswered calls to new ones are withdrawn (I3).
//   - A number that must not be called bars itself: the contact goes on with its other numbers ([ReasonNextNumber]) and is excluded when
//     every one is barred for good. [Store.RemoveDNC], a new copy of a registry and [Store.AddOverride] let campaigns look again at
//     the contacts that they free, whose attempts and history stay.
//   - An [Override] lifts one rule, which must know its ground, for one number or contact, from an audit row on until a moment; all other
//     rules are asked as ever, and the permit names it. A number that a registry's [Registry.Coverage] leaves out is not called
//     where a rule demands the registry.
//   - Consents and their withdrawals are written once, with an audit row in the same transaction. Only an erasure or the end of
//     their retention takes them away.
//   - [Store.Why] and [Store.WhyCampaign] ask with the statements and rules of a claim, without its locks: asking stops nobody.
//   - I6: [Store.Finish] moves an attempt from open_attempts to attempts exactly once, one that we placed never with an outcome of the contact's own calls; attempts are never changed, save that an
//     erasure puts another number in the place of the erased one.
//   - I7: [Store.Dispose] takes effect once per attempt and gives a repeated command its first reply.
//   - I12: a [Permit] exists only after its open_attempts row is committed, and ends on the local monotonic clock not
//     later than in the database.
//   - A contact that an agent is to look at first ([ClaimRequest].Offer) is only put off for the time of the offer: there is no
//     permit, nobody else gets him, and when nobody answers he is due again by himself. [Store.ClaimOne] is the same door for
//     one contact whom an agent wants called, with the id of the attempt given, so that a repeated wish dials nobody twice.
//   - A callback is agreed on and moved only for a moment at which the rules of a claim permit the call ([Store.Dispose], [Store.MoveCallback], [Store.LawfulAt]; an [UnlawfulTime]
//     has the first one: with the facts
//     of now; the claim asks again then), together with the row by which its contact waits, and with an audit row in the same transaction. While its contact is in
//     a call, the call's end decides.
//   - Calls of contacts to us ([Store.OpenInbound]) are attempts with the direction inbound and outcomes of their own. They are
//     in the sums, leave the contact where he is unless his agent disposes, and use up neither attempts, caps nor abandonment.
//   - Every [Claim] carries the chance that a person answers, from facts that the claim reads anyway and a model that
//     [Store.LearnChances] teaches each ended attempt exactly once. A missing or broken model costs knowledge, never a claim.
//   - Who comes next is a matter of cursors that only go on ([Order]): callbacks first, then hot contacts, then due retries, then
//     those never tried, by list or by places that [Store.PlaceContacts] makes behind the calls. A claim costs the same whatever
//     the size of the lists. Whoever is added later takes his place, or, when that was passed, comes at once. A hot contact is a
//     due row of every running campaign that has its list, in the transaction that adds it, and its dialers are woken.
//   - A list that is assigned ([Store.Assign]) gives one contact for each of its agents who is there and not busy with it.
//     A segment that is assigned ([Store.AssignSegment]) does so, too: who fits and whose agents are busy waits where only
//     claims for them look (rank 3), and keeps nobody behind him from being called.
//   - Whole months of attempts go with [Store.DropOldAttempts], each with an audit row, under a lock that nobody waits for longer
//     than a tenth of a second.
//   - A filter (package filter) reaches the database as binds only. Segments part contacts by it: of a segmentation each contact
//     is in the first part that fits, or in the rest. A claim asks the segments of its campaign until a contact has been
//     called; who is outside is excluded with the reason "segment", and looked at again, in the background, when they change.
//   - Lists are split, merged, copied and reset in short transactions while campaigns run ([Store.WorkListJob]): a contact that
//     moves keeps its id, its history and its places, and gets a new seq at the end of the other list. A job that dies goes on
//     elsewhere, from a cursor that is committed together with what was done.
//   - [Store.Search] answers from an index that is filled behind the loads ([Store.IndexContacts]) and looks through what is not
//     filled in yet; the contact itself decides.
//   - A sale is tied to the calls that made it; each change of its stage or amount is appended, and amounts are whole numbers of the
//     currency's smallest unit ([Store.CreateSale]).
//   - A campaign test draws its contacts once, while the campaign is paused ([Store.StartExperiment]); the hold-out group is excluded with
//     the reason "holdout" before the first claim, so that claims look up treatments of the others only, and nothing when no test runs.
//   - The number that a contact is shown follows from his id, the number called and the settings alone ([Settings.CallerFor]); the attempt
//     has it. A campaign shows only what its trunk allows, whichever of the two is changed.
//   - I14: [Store.Summary] reads its numbers in one snapshot, in which loaded = dialable + in flight + finished + excluded.
//
// Contacts come into a list by one way ([Store.UpsertContacts], [AppendContacts] and imports go it): under the list's advisory
// lock, which makes the order of seq the order of commits, and by COPY. Two steps of one import may overlap
// ([Store.AdvanceInTurn]): they share the lock, take their seqs one after the other and are committed in that order. A number is
// in a list once (a unique index on phone and list). Who adds contacts counts them (list_zones) and feeds the hot ones in the same
// transaction; that their list exists is checked by the foreign key of the counts, once for each statement.
//
// Fencing: a campaign has one owner at a time with an epoch. Claim and Finish hold a shared advisory lock on the campaign
// and check the epoch under it; everything that changes epoch, status or settings holds it exclusively. So an old epoch's
// claim either commits before the new owner starts, and is seen by its [Store.Open], or is refused with [ErrFenced].
//
// Several dialers of one campaign share its abandonment budget by leases ([Store.LeaseBudget]): the tokens that are leased, and
// the calls in flight of those whose lease is over, are never more than the ledger has left. The lock that guards it (advisory,
// by campaign) is taken alone.
//
// Locks are always taken in this order, so that transactions do not wait for each other in a circle: campaign (advisory),
// campaign_lists rows, lists (advisory, by id), numbers (advisory; Claim only tries), open_attempts rows by id, contact_states
// rows, contacts rows. What still meets a deadlock or a serialization failure is retried a few times as a whole.
//
// The law's clock is the database's. [WithClock] puts another in its place for tests.
package lists
