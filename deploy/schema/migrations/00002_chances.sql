-- +goose Up

-- mobile, fixed, or '' where the numbering plan does not tell or nobody asked it.
ALTER TABLE contacts ADD COLUMN kind text NOT NULL DEFAULT '' CHECK (kind IN ('', 'mobile', 'fixed'));

-- What has been learned of the chance that a person answers: one row per campaign, and one of all campaigns together, with the
-- id of zeros, in which new ones believe at first. A row is written by whoever learns, under its own lock, in the transaction
-- that moves its cursor: so each attempt is learned once.
CREATE TABLE chance_models (
    campaign_id uuid PRIMARY KEY,
    model       json,                                         -- lists/chance.Model; NULL: nothing learned
    cursor_at   timestamptz NOT NULL DEFAULT 'epoch',         -- attempts up to this permit are learned,
    cursor_id   uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    pending     uuid[] NOT NULL DEFAULT '{}',                 -- except these, which were open then
    pending_at  timestamptz[] NOT NULL DEFAULT '{}',          -- and when each of them was permitted
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CHECK (cardinality(pending) = cardinality(pending_at))
);

-- The attempts of each number, across campaigns and lists, summed up in a few bytes (lists/chance.Past): a claim must not read
-- the history to score a contact. Written by whoever learns, under the lock of the row of all campaigns.
CREATE TABLE number_pasts (
    phone bigint PRIMARY KEY,                                 -- E.164 without the plus: a third of the cost of a text key
    past  bytea  NOT NULL
) WITH (fillfactor = 70);

-- +goose Down
DROP TABLE number_pasts, chance_models;
ALTER TABLE contacts DROP COLUMN kind;
