-- +goose Up

-- What the rules ask of a number, found when it was normalised. region is ISO 3166: a subdivision where the number tells it
-- (US-FL), else the country (GB); '' for those stored before, whose region is worked out when they are claimed.
ALTER TABLE contacts ADD COLUMN region text NOT NULL DEFAULT '' CHECK (region ~ '^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$');
ALTER TABLE contacts ADD COLUMN carrier text NOT NULL DEFAULT '';

-- "Is it worth walking this list now?" depends on the region, too.
ALTER TABLE list_zones ADD COLUMN region text NOT NULL DEFAULT '';
ALTER TABLE list_zones DROP CONSTRAINT list_zones_pkey, ADD PRIMARY KEY (list_id, zones, region);
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION count_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO list_zones AS z (list_id, zones, region, contacts)
            SELECT list_id, zones, region, count(*) FROM changed GROUP BY list_id, zones, region ORDER BY list_id, zones, region
            ON CONFLICT (list_id, zones, region) DO UPDATE SET contacts = z.contacts + excluded.contacts;
    ELSE
        UPDATE list_zones z SET contacts = z.contacts - c.n
            FROM (SELECT list_id, zones, region, count(*) AS n FROM changed GROUP BY list_id, zones, region
                ORDER BY list_id, zones, region) c
            WHERE z.list_id = c.list_id AND z.zones = c.zones AND z.region = c.region;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- The last moments that rules of re-contact count from, across campaigns. One small row for each number to which something
-- happened: it outlives the partitions of the history, because some refusals count for ever.
CREATE TABLE number_marks (
    phone        bigint PRIMARY KEY,                           -- E.164 without the plus
    refused_at   timestamptz,                                  -- a disposition said that the callee refused
    talked_at    timestamptz,                                  -- a conversation with an agent ended
    abandoned_at timestamptz                                   -- answered, and nobody was there in time
) WITH (fillfactor = 80);
INSERT INTO number_marks (phone, refused_at, talked_at, abandoned_at)
SELECT a.phone::bigint, max(d.at) FILTER (WHERE d.effect = 'dnc'), max(a.ended_at) FILTER (WHERE a.outcome = 'connected'),
    max(a.ended_at) FILTER (WHERE a.outcome = 'abandoned')
FROM attempts a LEFT JOIN dispositions d ON d.attempt_id = a.id
WHERE a.outcome IN ('connected', 'abandoned') OR d.effect = 'dnc' GROUP BY 1;

-- +goose Down
DROP TABLE number_marks;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION count_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO list_zones AS z (list_id, zones, contacts)
            SELECT list_id, zones, count(*) FROM changed GROUP BY list_id, zones ORDER BY list_id, zones
            ON CONFLICT (list_id, zones) DO UPDATE SET contacts = z.contacts + excluded.contacts;
    ELSE
        UPDATE list_zones z SET contacts = z.contacts - c.n
            FROM (SELECT list_id, zones, count(*) AS n FROM changed GROUP BY list_id, zones ORDER BY list_id, zones) c
            WHERE z.list_id = c.list_id AND z.zones = c.zones;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TEMPORARY TABLE sums ON COMMIT DROP AS SELECT list_id, zones, sum(contacts) AS contacts FROM list_zones GROUP BY 1, 2;
DELETE FROM list_zones;
ALTER TABLE list_zones DROP CONSTRAINT list_zones_pkey, DROP COLUMN region, ADD PRIMARY KEY (list_id, zones);
INSERT INTO list_zones SELECT * FROM sums;
ALTER TABLE contacts DROP COLUMN carrier, DROP COLUMN region;
