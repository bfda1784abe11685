-- +goose Up

-- Contacts that a registry kept from being called, for those who look again when its numbers change.
CREATE INDEX contact_states_listed ON contact_states (campaign_id, contact_id) WHERE state = 'excluded' AND reason = 'registry';
-- recheck: a campaign looks again at contacts that were listed, or that waited for the agents of a segment.
ALTER TABLE list_jobs DROP CONSTRAINT list_jobs_kind_check;
ALTER TABLE list_jobs ADD CONSTRAINT list_jobs_kind_check CHECK (kind IN ('split', 'merge', 'copy', 'reset', 'tag', 'rewalk', 'recheck'));

-- A segment of a campaign's contacts for some agents only, or for the agents of some teams. A contact is in the first one that fits.
CREATE TABLE segment_assignments (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    segment_id  uuid NOT NULL REFERENCES segments,
    position    bigint GENERATED ALWAYS AS IDENTITY,
    agents      uuid[] NOT NULL DEFAULT '{}',
    teams       uuid[] NOT NULL DEFAULT '{}',
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused')), -- paused: nobody calls it
    created_by  uuid REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (campaign_id, segment_id),
    CHECK (cardinality(agents) + cardinality(teams) > 0)
);
CREATE INDEX segment_assignments_segment ON segment_assignments (segment_id);
-- Whose agents have the contact: of one that is being called, and of one that waits for them (rank 3). Those that wait are in an
-- index of their own, so that a claim does not go over them while their agents are busy.
ALTER TABLE contact_states ADD COLUMN assignment_id uuid;
ALTER TABLE contact_states DROP CONSTRAINT contact_states_rank_check;
ALTER TABLE contact_states ADD CONSTRAINT contact_states_rank_check CHECK (rank BETWEEN 0 AND 3) NOT VALID;
CREATE INDEX contact_states_kept ON contact_states (assignment_id, due_at, contact_id) WHERE state = 'waiting' AND rank = 3 AND NOT callback;

-- Rules that do not hold for one number or one contact for a time, where their law knows such a ground. Rows are never changed but
-- for their end, which is written once.
CREATE TABLE rule_overrides (
    id          uuid PRIMARY KEY,
    rule        text NOT NULL CHECK (rule ~ '^[a-z0-9][a-z0-9._-]{1,59}$'),
    ground      text NOT NULL CHECK (ground IN ('consent', 'relationship')),
    phone       text NOT NULL DEFAULT '',                      -- E.164; or
    contact_id  uuid,                                          -- every number of a contact
    campaign_id uuid REFERENCES campaigns ON DELETE CASCADE,   -- NULL: for all campaigns
    why         text NOT NULL CHECK (length(why) BETWEEN 1 AND 1000),
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL CHECK (until > since),
    made_by     uuid REFERENCES users,
    made_at     timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    ended_by    uuid REFERENCES users,
    ended_why   text NOT NULL DEFAULT '',
    erased      boolean NOT NULL DEFAULT false,
    CHECK (erased OR (phone <> '') <> (contact_id IS NOT NULL))
);
CREATE INDEX rule_overrides_phone ON rule_overrides (phone) WHERE phone <> '' AND ended_at IS NULL;
CREATE INDEX rule_overrides_contact ON rule_overrides (contact_id) WHERE contact_id IS NOT NULL AND ended_at IS NULL;
CREATE INDEX rule_overrides_until ON rule_overrides (until) WHERE ended_at IS NULL;

-- What a registry's numbers are of: regions and beginnings of numbers (US-FL, +1212). Empty: all of its region.
ALTER TABLE registries ADD COLUMN coverage text[] NOT NULL DEFAULT '{}';

-- Recordings that were deleted, or must not be kept when they come. The file goes after the row; gone_at says that it has gone.
CREATE TABLE recording_deletions (
    attempt_id uuid PRIMARY KEY,
    path       text NOT NULL DEFAULT '',                       -- of a file that is still to be removed
    reason     text NOT NULL,
    asked_by   uuid,
    asked_at   timestamptz NOT NULL DEFAULT now(),
    gone_at    timestamptz
);
CREATE INDEX recording_deletions_open ON recording_deletions (asked_at) WHERE gone_at IS NULL;

-- +goose Down
DROP TABLE recording_deletions;
ALTER TABLE registries DROP COLUMN coverage;
DROP TABLE rule_overrides;
DROP INDEX contact_states_kept;
UPDATE contact_states SET rank = 1 WHERE rank = 3;
ALTER TABLE contact_states DROP CONSTRAINT contact_states_rank_check, DROP COLUMN assignment_id;
ALTER TABLE contact_states ADD CONSTRAINT contact_states_rank_check CHECK (rank BETWEEN 0 AND 2) NOT VALID;
DROP TABLE segment_assignments;
DELETE FROM list_jobs WHERE kind = 'recheck';
ALTER TABLE list_jobs DROP CONSTRAINT list_jobs_kind_check;
ALTER TABLE list_jobs ADD CONSTRAINT list_jobs_kind_check CHECK (kind IN ('split', 'merge', 'copy', 'reset', 'tag', 'rewalk'));
DROP INDEX contact_states_listed;
