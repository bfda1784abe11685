-- +goose Up

-- Hot contacts: above 0 a contact that is added while a campaign runs goes before all others but callbacks.
ALTER TABLE contacts ADD COLUMN priority int NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1000 AND 1000);

-- phone_pos is the number that comes next: 0 is contacts.phone, others are of contact_phones. rank says that a waiting contact
-- goes before those that wait for a retry: 1 came behind a place that the campaign's order has passed already, 2 is hot, and as
-- long as it was not put off its due_at is in 1970 and tells its priority.
ALTER TABLE contact_states ADD COLUMN phone_pos smallint NOT NULL DEFAULT 0;
ALTER TABLE contact_states ADD COLUMN rank smallint NOT NULL DEFAULT 0 CHECK (rank BETWEEN 0 AND 2);
DROP INDEX contact_states_due;
CREATE INDEX contact_states_due ON contact_states (campaign_id, callback, due_at, contact_id) WHERE state = 'waiting' AND (rank = 0 OR callback);
CREATE INDEX contact_states_first ON contact_states (campaign_id, rank, due_at, contact_id) WHERE state = 'waiting' AND rank > 0 AND NOT callback;

-- Of a mix by weights: how many contacts of the list have been given permits, and whether the list had no more at the last look.
ALTER TABLE campaign_lists ADD COLUMN taken bigint NOT NULL DEFAULT 0;
ALTER TABLE campaign_lists ADD COLUMN resting boolean NOT NULL DEFAULT false;

-- The order of a campaign whose contacts do not come as they stand in their lists. Each contact gets a place (lane, key, seq),
-- in batches, behind the calls; a cursor walks each lane. A lane is what is called or passed over as a whole: a set of zones, or
-- the hour of the day that suits its contacts. Places are never changed: who comes later gets one, too, and when the cursor has
-- passed it already, the contact waits with rank 1 instead. A changed order is another one, built while the old one serves.
CREATE TABLE campaign_orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    spec        text NOT NULL,                                -- what it is built by, as JSON
    state       text NOT NULL CHECK (state IN ('building', 'ready', 'old')),
    placed      bigint NOT NULL DEFAULT 0,                    -- contacts that have a place
    started_at  timestamptz NOT NULL DEFAULT now(),
    ready_at    timestamptz,
    CHECK ((state = 'building') = (ready_at IS NULL) OR state = 'old')
);
CREATE UNIQUE INDEX campaign_orders_ready ON campaign_orders (campaign_id) WHERE state = 'ready';
CREATE UNIQUE INDEX campaign_orders_building ON campaign_orders (campaign_id) WHERE state = 'building';
CREATE TABLE order_lists (
    order_id bigint NOT NULL REFERENCES campaign_orders ON DELETE CASCADE,
    list_id  uuid NOT NULL,
    seq      bigint NOT NULL DEFAULT 0,                        -- contacts up to this one have places
    PRIMARY KEY (order_id, list_id)
);
CREATE TABLE order_lanes (
    order_id bigint NOT NULL REFERENCES campaign_orders ON DELETE CASCADE,
    list_id  uuid NOT NULL,
    lane     smallint NOT NULL,
    zones    text[] NOT NULL,                                  -- of its contacts; empty: of several
    key      bytea NOT NULL DEFAULT '',                        -- the cursor: places up to (key, seq) are done
    seq      bigint NOT NULL DEFAULT 0,
    spent    boolean NOT NULL DEFAULT false,                   -- nothing lay behind the cursor at the last look
    PRIMARY KEY (order_id, list_id, lane)
) WITH (fillfactor = 50);
CREATE TABLE order_places (
    order_id   bigint NOT NULL,
    list_id    uuid NOT NULL,
    lane       smallint NOT NULL,
    key        bytea NOT NULL,
    seq        bigint NOT NULL,
    contact_id uuid NOT NULL,
    PRIMARY KEY (order_id, list_id, lane, key, seq)
);

-- A list of a campaign for some agents only, or for the agents of some teams.
CREATE TABLE teams (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 80),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE team_members (
    team_id uuid NOT NULL REFERENCES teams ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_user ON team_members (user_id);
CREATE TABLE assignments (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    list_id     uuid NOT NULL REFERENCES lists ON DELETE CASCADE,
    agents      uuid[] NOT NULL DEFAULT '{}',
    teams       uuid[] NOT NULL DEFAULT '{}',
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused')), -- paused: nobody calls it
    created_by  uuid REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, list_id),
    CHECK (cardinality(agents) + cardinality(teams) > 0)
);

-- A hot contact becomes a due row of every running campaign that has its list, and their dialers are woken: in the transaction
-- that adds it, whoever that is. NOTIFY only wakes; a dialer that misses it looks again within seconds.
-- +goose StatementBegin
CREATE FUNCTION feed_hot_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fed uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM changed WHERE priority > 0) THEN
        RETURN NULL;
    END IF;
    FOR fed IN
        WITH hot AS MATERIALIZED (
            SELECT cl.campaign_id, h.id, h.list_id, h.priority FROM changed h JOIN campaign_lists cl ON cl.list_id = h.list_id
                JOIN campaigns c ON c.id = cl.campaign_id AND c.status = 'running'
            WHERE h.priority > 0 ORDER BY cl.campaign_id, h.id
        ), put AS (
            INSERT INTO contact_states AS cs (campaign_id, contact_id, list_id, state, reason, due_at, rank)
            SELECT campaign_id, id, list_id, 'waiting', 'hot', 'epoch'::timestamptz + (1000 - priority) * interval '1 second', 2 FROM hot
            ON CONFLICT (campaign_id, contact_id) DO UPDATE SET rank = 2, due_at = least(cs.due_at, excluded.due_at)
                WHERE cs.state = 'waiting' AND cs.attempts = 0 AND NOT cs.callback
            RETURNING campaign_id
        )
        SELECT DISTINCT campaign_id FROM put
    LOOP
        PERFORM pg_notify('dialtide_wake', fed::text);
    END LOOP;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER contacts_hot AFTER INSERT ON contacts REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION feed_hot_contacts();
-- A transition table needs a trigger on the whole row; upserts change whole rows, so it looks whether the priority rose.
-- +goose StatementBegin
CREATE FUNCTION feed_raised_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fed uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM changed WHERE priority > 0) THEN
        RETURN NULL;
    END IF;
    FOR fed IN
        WITH hot AS MATERIALIZED (
            SELECT cl.campaign_id, h.id, h.list_id, h.priority FROM changed h JOIN before b ON b.id = h.id AND b.priority < h.priority
                JOIN campaign_lists cl ON cl.list_id = h.list_id
                JOIN campaigns c ON c.id = cl.campaign_id AND c.status = 'running'
            WHERE h.priority > 0 ORDER BY cl.campaign_id, h.id
        ), put AS (
            INSERT INTO contact_states AS cs (campaign_id, contact_id, list_id, state, reason, due_at, rank)
            SELECT campaign_id, id, list_id, 'waiting', 'hot', 'epoch'::timestamptz + (1000 - priority) * interval '1 second', 2 FROM hot
            ON CONFLICT (campaign_id, contact_id) DO UPDATE SET rank = 2, due_at = least(cs.due_at, excluded.due_at)
                WHERE cs.state = 'waiting' AND cs.attempts = 0 AND NOT cs.callback
            RETURNING campaign_id
        )
        SELECT DISTINCT campaign_id FROM put
    LOOP
        PERFORM pg_notify('dialtide_wake', fed::text);
    END LOOP;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER contacts_raised AFTER UPDATE ON contacts REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION feed_raised_contacts();

-- Rows of these come and go, or change several times in a contact's life, and the tables grow to tens of millions: what is dead
-- in them is cleaned away after so many rows, not after a share of the table.
ALTER TABLE open_attempts SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);
ALTER TABLE contact_states SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 50000,
    autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 1);
ALTER TABLE campaign_lists SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE order_lanes SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE outcome_counts SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE abandonment SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- +goose Down
ALTER TABLE abandonment RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE outcome_counts RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE campaign_lists RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE contact_states RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, autovacuum_vacuum_insert_scale_factor,
    autovacuum_analyze_scale_factor, autovacuum_vacuum_cost_delay);
ALTER TABLE open_attempts RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, autovacuum_vacuum_cost_delay,
    autovacuum_analyze_scale_factor, autovacuum_analyze_threshold);
DROP TRIGGER contacts_raised ON contacts;
DROP TRIGGER contacts_hot ON contacts;
DROP FUNCTION feed_hot_contacts(), feed_raised_contacts();
DROP TABLE assignments, team_members, teams, order_places, order_lanes, order_lists, campaign_orders;
ALTER TABLE campaign_lists DROP COLUMN taken, DROP COLUMN resting;
DROP INDEX contact_states_due, contact_states_first;
ALTER TABLE contact_states DROP COLUMN phone_pos, DROP COLUMN rank;
CREATE INDEX contact_states_due ON contact_states (campaign_id, callback, due_at, contact_id) WHERE state = 'waiting';
ALTER TABLE contacts DROP COLUMN priority;
