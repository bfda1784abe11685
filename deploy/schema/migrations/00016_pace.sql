-- +goose Up

-- That a person answers, as the attempt's permit was given; NULL: it was not asked. So what came of chances can be shown from
-- the attempts themselves.
ALTER TABLE open_attempts ADD COLUMN chance real;
ALTER TABLE attempts ADD COLUMN chance real;

-- Several dialers of one campaign: tokens of its abandonment budget that each of them holds until its lease is over. The sum of
-- tokens is never more than what the ledger has left.
CREATE TABLE pacing_leases (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    owner       text NOT NULL,                                -- node of its attempts
    tokens      int NOT NULL CHECK (tokens >= 0),
    held        int NOT NULL CHECK (held >= 0),               -- of the tokens: in use when it asked last
    wish        int NOT NULL CHECK (wish >= 0),               -- that it could use in all
    agents      int NOT NULL CHECK (agents >= 0),
    until       timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, owner)
) WITH (fillfactor = 50);

-- +goose Down
DROP TABLE pacing_leases;
ALTER TABLE attempts DROP COLUMN chance;
ALTER TABLE open_attempts DROP COLUMN chance;
