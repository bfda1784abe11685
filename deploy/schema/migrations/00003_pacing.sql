-- +goose Up

-- Abandonment ledger (I4) by quarters of an hour, so that a day begins at the midnight of any zone. It counts the calls
-- that a person answered and that an agent took or nobody did in time; one row per campaign and quarter, written in the
-- transaction that ends the attempts; a legal window is a sum of rows.
DROP TABLE abandonment;
CREATE TABLE abandonment (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    quarter     timestamptz NOT NULL,                          -- its beginning
    live        bigint NOT NULL DEFAULT 0,
    abandoned   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, quarter)
) WITH (fillfactor = 50);
INSERT INTO abandonment (campaign_id, quarter, live, abandoned)
SELECT a.campaign_id, date_bin('15 min', coalesce(a.answered_at, a.ended_at), 'epoch'), count(*), count(*) FILTER (WHERE a.outcome = 'abandoned')
FROM attempts a JOIN campaigns c ON c.id = a.campaign_id
WHERE a.outcome IN ('connected', 'abandoned') OR a.bridged_at IS NOT NULL AND a.outcome <> 'machine'
GROUP BY 1, 2;

-- +goose Down
DROP TABLE abandonment;
CREATE TABLE abandonment (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    day         date NOT NULL,
    live        bigint NOT NULL DEFAULT 0,
    abandoned   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, day)
);
INSERT INTO abandonment (campaign_id, day, live, abandoned)
SELECT a.campaign_id, (coalesce(a.answered_at, a.ended_at) AT TIME ZONE 'UTC')::date, count(*), count(*) FILTER (WHERE a.outcome = 'abandoned')
FROM attempts a JOIN campaigns c ON c.id = a.campaign_id
WHERE a.outcome IN ('connected', 'abandoned', 'early_hangup')
GROUP BY 1, 2;
