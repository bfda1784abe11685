-- +goose Up

-- What-if questions about campaigns and their answers. A row is written by the process that simulates, which beats while it
-- works: a row that is not over and has not beaten for a minute belongs to a process that is gone.
CREATE TABLE simulations (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    question    json NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    progress    real NOT NULL DEFAULT 0,                       -- 0 to 1
    answer      json,
    problem     text NOT NULL DEFAULT '',                      -- why it failed, a code
    created_by  uuid REFERENCES users ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    beat_at     timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    CHECK ((state IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'done') = (answer IS NOT NULL))
);
CREATE INDEX simulations_campaign ON simulations (campaign_id, created_at);

-- +goose Down
DROP TABLE simulations;
