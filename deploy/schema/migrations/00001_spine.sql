-- +goose Up

-- People -----------------------------------------------------------------
CREATE TABLE users (
    id            uuid PRIMARY KEY,
    login         text NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9._-]{2,40}$'),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    password_hash text NOT NULL,                        -- argon2id, PHC string
    role          text NOT NULL CHECK (role IN ('agent', 'supervisor', 'list_manager', 'admin')),
    endpoint      text NOT NULL DEFAULT '' CHECK (endpoint ~ '^[A-Za-z0-9_-]{0,40}$'), -- SIP endpoint of the phone, without technology
    language      text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'zh-CN')),
    disabled      boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Browser sessions, in the shape that scs/pgxstore reads. Tokens are stored hashed.
CREATE TABLE sessions (
    token  text PRIMARY KEY,
    data   bytea NOT NULL,
    expiry timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);

-- Every act that must be answered for later. Rows are chained by hash: a changed, removed or
-- reordered row breaks the chain.
CREATE TABLE audit (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    actor     uuid,
    action    text NOT NULL,
    object    text NOT NULL,
    detail    jsonb NOT NULL DEFAULT '{}',
    prev_hash bytea NOT NULL,
    hash      bytea NOT NULL UNIQUE
);
-- The end of the chain: without it rows removed from the end would go unseen. Its row is the lock of the chain.
CREATE TABLE audit_head (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    entries bigint NOT NULL,
    hash    bytea NOT NULL
);
INSERT INTO audit_head (entries, hash) VALUES (0, '');

-- Lists and contacts -------------------------------------------------------
CREATE TABLE lists (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    region     text NOT NULL CHECK (region ~ '^[A-Z]{2}$'),  -- default region of numbers without a country code
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid REFERENCES users
);

-- seq is the order inside the list; campaigns walk it with a moving cursor instead of scanning the list's head. Whoever
-- inserts contacts holds pg_advisory_xact_lock(3, hashtext(list_id::text)) until the commit (lists.Store.AppendContacts
-- does), or a cursor could run past a lower seq that commits later.
CREATE TABLE contacts (
    id         uuid PRIMARY KEY,
    list_id    uuid NOT NULL REFERENCES lists,
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    phone      text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{5,14}$'), -- E.164
    name       text NOT NULL DEFAULT '',
    zones      text[] NOT NULL,                              -- candidate IANA zones; the intersection of their hours applies
    fields     jsonb NOT NULL DEFAULT '{}',
    import_id  uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (list_id, phone)
);
CREATE UNIQUE INDEX contacts_walk ON contacts (list_id, seq);
CREATE INDEX contacts_phone ON contacts (phone);

-- How many contacts each list has in each set of candidate zones: answers "how many are loaded?" and "is it worth
-- walking this list now?" without reading the contacts. Kept by triggers.
CREATE TABLE list_zones (
    list_id  uuid NOT NULL REFERENCES lists,
    zones    text[] NOT NULL,
    contacts bigint NOT NULL,
    PRIMARY KEY (list_id, zones)
) WITH (fillfactor = 50);
-- +goose StatementBegin
CREATE FUNCTION count_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER contacts_added AFTER INSERT ON contacts REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_contacts();
CREATE TRIGGER contacts_removed AFTER DELETE ON contacts REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_contacts();

CREATE TABLE imports (
    id          uuid PRIMARY KEY,
    list_id     uuid NOT NULL REFERENCES lists,
    file_name   text NOT NULL,
    state       text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    bytes_total bigint NOT NULL DEFAULT 0,
    bytes_read  bigint NOT NULL DEFAULT 0,
    rows_read   bigint NOT NULL DEFAULT 0,
    accepted    bigint NOT NULL DEFAULT 0,
    rejected    bigint NOT NULL DEFAULT 0,
    error       text NOT NULL DEFAULT '',
    created_by  uuid REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE TABLE import_rejects (
    import_id uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
    row_no    bigint NOT NULL,                               -- 1 is the header line
    field     text NOT NULL,
    value     text NOT NULL,                                 -- at most 200 characters of it
    reason    text NOT NULL,                                 -- code: phone_missing, phone_invalid, duplicate_in_file, duplicate_in_list, row_broken, ...
    PRIMARY KEY (import_id, row_no)
);

-- Numbers that must not be called. campaign_id NULL: by nobody.
CREATE TABLE dnc (
    id          uuid PRIMARY KEY,
    phone       text NOT NULL,
    campaign_id uuid,
    reason      text NOT NULL,
    added_by    uuid REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT now(),
    until       timestamptz
);
CREATE UNIQUE INDEX dnc_once ON dnc (phone, coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'::uuid));

-- Campaigns ------------------------------------------------------------------
CREATE TABLE scripts (
    id         uuid NOT NULL,
    version    int NOT NULL,
    name       text NOT NULL,
    body       jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, version)
);

CREATE TABLE trunks (
    id           uuid PRIMARY KEY,
    name         text NOT NULL UNIQUE,
    endpoint     text NOT NULL CHECK (endpoint ~ '^[A-Za-z0-9_-]{1,40}$'),
    max_channels int NOT NULL CHECK (max_channels BETWEEN 1 AND 10000),
    cps          double precision NOT NULL CHECK (cps > 0 AND cps <= 1000),
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- settings holds what the dialer reads as one value (lists.Settings); columns hold what SQL needs.
CREATE TABLE campaigns (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 120),
    status     text NOT NULL DEFAULT 'paused' CHECK (status IN ('paused', 'running', 'draining', 'stopped')),
    trunk_id   uuid NOT NULL REFERENCES trunks,
    settings   jsonb NOT NULL,
    revision   int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- ownership: one dialer process at a time; every claim and outcome of an older epoch is refused
    owner      text NOT NULL DEFAULT '',
    epoch      bigint NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE TABLE campaign_lists (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    list_id     uuid NOT NULL REFERENCES lists,
    position    int NOT NULL DEFAULT 0,                       -- lists are walked in this order
    cursor_seq  bigint NOT NULL DEFAULT 0,                    -- contacts with a higher seq are untouched
    PRIMARY KEY (campaign_id, list_id)
);

-- What a campaign knows of a contact that it has touched; an untouched one has no row.
-- No foreign keys here and in open_attempts: each would lock the contact's and the campaign's row once more per call.
CREATE TABLE contact_states (
    campaign_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    list_id     uuid NOT NULL,
    state       text NOT NULL CHECK (state IN ('waiting', 'in_flight', 'finished', 'excluded')),
    reason      text NOT NULL DEFAULT '',                     -- why excluded or finished
    attempts    int NOT NULL DEFAULT 0,                       -- those that count
    tries       jsonb NOT NULL DEFAULT '{}',                  -- outcome -> how often, for the limits of the recycle rules
    last_outcome text NOT NULL DEFAULT '',
    due_at      timestamptz,                                  -- when waiting: not before
    callback    boolean NOT NULL DEFAULT false,               -- an open callback: goes before the others
    PRIMARY KEY (campaign_id, contact_id),
    CHECK ((state = 'waiting') = (due_at IS NOT NULL))
);
CREATE INDEX contact_states_due ON contact_states (campaign_id, callback, due_at, contact_id) WHERE state = 'waiting';

-- Attempts: small table of open ones, append-only history by month -------------
-- The open attempt IS the permit: committed before the INVITE, bound to number and expiry.
CREATE TABLE open_attempts (
    id            uuid PRIMARY KEY,                           -- also the channel id
    phone         text NOT NULL UNIQUE,                       -- I1
    campaign_id   uuid NOT NULL,
    list_id       uuid NOT NULL,
    contact_id    uuid NOT NULL,
    trunk_id      uuid NOT NULL,
    caller_id     text NOT NULL,
    kind          text NOT NULL,                              -- progressive, power, preview, manual, callback
    node          text NOT NULL,
    epoch         bigint NOT NULL,
    permit_at     timestamptz NOT NULL,
    permit_until  timestamptz NOT NULL,
    rules         text NOT NULL,                              -- which rules were asked, for the evidence
    cancelled     boolean NOT NULL DEFAULT false,             -- a DNC or erasure came: it must not be dialled any more
    answered_at   timestamptz,
    bridged_at    timestamptz,
    agent_id      uuid
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX open_attempts_agent ON open_attempts (agent_id) WHERE agent_id IS NOT NULL; -- I10
CREATE INDEX open_attempts_campaign ON open_attempts (campaign_id);
CREATE INDEX open_attempts_cancelled ON open_attempts (node) WHERE cancelled; -- asked each second, nearly always empty

CREATE TABLE attempts (
    id            uuid NOT NULL,
    phone         text NOT NULL,
    campaign_id   uuid NOT NULL,
    list_id       uuid NOT NULL,
    contact_id    uuid NOT NULL,
    trunk_id      uuid NOT NULL,
    caller_id     text NOT NULL,
    kind          text NOT NULL,
    node          text NOT NULL,
    epoch         bigint NOT NULL,
    permit_at     timestamptz NOT NULL,
    permit_until  timestamptz NOT NULL,
    rules         text NOT NULL,
    answered_at   timestamptz,
    bridged_at    timestamptz,
    ended_at      timestamptz NOT NULL,
    agent_id      uuid,
    outcome       text NOT NULL,                              -- lists.Outcome, final
    cause         int NOT NULL DEFAULT 0,                     -- Q.850
    sip_code      int NOT NULL DEFAULT 0,
    hung_up_by    text NOT NULL DEFAULT '',                   -- callee, agent, dialer, switch
    amd           text NOT NULL DEFAULT '',                   -- human, machine, not_sure
    PRIMARY KEY (id, permit_at)
) PARTITION BY RANGE (permit_at);
CREATE INDEX attempts_phone ON attempts (phone, permit_at);
CREATE INDEX attempts_campaign ON attempts (campaign_id, permit_at);
CREATE INDEX attempts_contact ON attempts (contact_id, permit_at);

-- Corrections are appended, the outcome itself is never changed (I6).
CREATE TABLE attempt_corrections (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id uuid NOT NULL,
    outcome    text NOT NULL,
    reason     text NOT NULL,
    by_user    uuid,
    at         timestamptz NOT NULL DEFAULT now()
);
-- +goose StatementBegin
CREATE FUNCTION attempts_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'attempts are final: append an attempt_corrections row instead';
END $$;
-- +goose StatementEnd
CREATE TRIGGER attempts_final BEFORE UPDATE OR DELETE ON attempts
    FOR EACH ROW EXECUTE FUNCTION attempts_are_final();
CREATE TRIGGER attempts_stay BEFORE TRUNCATE ON attempts
    FOR EACH STATEMENT EXECUTE FUNCTION attempts_are_final();

-- Monthly partitions, made ahead of time by ensure_attempt_partitions; the default one catches the rest.
CREATE TABLE attempts_default PARTITION OF attempts DEFAULT;
-- +goose StatementBegin
CREATE FUNCTION ensure_attempt_partitions(months_ahead int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first date;
    name  text;
BEGIN
    FOR i IN 0..months_ahead LOOP
        first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i))::date;
        name  := 'attempts_' || to_char(first, 'YYYYMM');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF attempts FOR VALUES FROM (%L) TO (%L)', name,
                first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month')::timestamp AT TIME ZONE 'UTC');
        END IF;
    END LOOP;
END $$;
-- +goose StatementEnd
SELECT ensure_attempt_partitions(2);

-- Every number ever allowed to be dialled, for the checker of I12.
CREATE VIEW permits AS
    SELECT id, phone, campaign_id, permit_at, permit_until, rules FROM open_attempts
    UNION ALL
    SELECT id, phone, campaign_id, permit_at, permit_until, rules FROM attempts;

-- Abandonment ledger (I4): one row per campaign and day of answers by people and calls abandoned; windows are sums of rows.
CREATE TABLE abandonment (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    day         date NOT NULL,
    live        bigint NOT NULL DEFAULT 0,
    abandoned   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, day)
);

-- How many attempts ended how, per day (UTC): what pages and reports ask all the time must not scan the history.
CREATE TABLE outcome_counts (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    day         date NOT NULL,
    outcome     text NOT NULL,
    attempts    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, day, outcome)
) WITH (fillfactor = 50);

-- After the call ---------------------------------------------------------------
CREATE TABLE dispositions (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id  uuid NOT NULL UNIQUE,
    campaign_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    agent_id    uuid NOT NULL,
    code        text NOT NULL,
    effect      text NOT NULL CHECK (effect IN ('finish', 'retry', 'callback', 'dnc')),
    note        text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dispositions_contact ON dispositions (contact_id, at);

CREATE TABLE callbacks (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    contact_id  uuid NOT NULL REFERENCES contacts,
    agent_id    uuid,                                          -- NULL: anyone
    due_at      timestamptz NOT NULL,
    note        text NOT NULL DEFAULT '',
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'cancelled')),
    attempt_id  uuid NOT NULL,                                 -- the attempt in which it was agreed
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX callbacks_open ON callbacks (campaign_id, contact_id) WHERE state = 'open';
CREATE INDEX callbacks_contact ON callbacks (contact_id);

CREATE TABLE script_answers (
    attempt_id uuid NOT NULL,
    script_id  uuid NOT NULL,
    version    int NOT NULL,
    step       text NOT NULL,
    answer     jsonb NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (attempt_id, step)
);

-- A client-made command id takes effect once; a repeat gets the first reply (I7).
CREATE TABLE commands (
    id       uuid NOT NULL,
    agent_id uuid NOT NULL,
    type     text NOT NULL,
    request  bytea NOT NULL DEFAULT '',                        -- hash of what was asked: the same id with another content is refused
    reply    jsonb NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agent_id, id)
);

-- Facts for the outside and for other parts of the house, written in the transaction of what they tell.
CREATE TABLE outbox (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    topic   text NOT NULL,                                     -- attempt.ended, disposition.made, dnc.added, ...
    key     text NOT NULL,
    body    jsonb NOT NULL
);

-- Agents --------------------------------------------------------------------------
-- The session outlives the socket and the process: its row is read at a restart to re-adopt the phone leg.
CREATE TABLE agent_sessions (
    id          uuid PRIMARY KEY,                              -- also the id of the agent's bridge
    agent_id    uuid NOT NULL REFERENCES users,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    endpoint    text NOT NULL,
    node        text NOT NULL,
    leg         uuid,                                          -- channel id of the nailed-up phone leg
    state       text NOT NULL CHECK (state IN ('Offline', 'NotReady', 'Ready', 'Reserved', 'Preview', 'Talking', 'WrapUp')),
    reason      text NOT NULL DEFAULT '',
    since       timestamptz NOT NULL DEFAULT now(),
    attempt_id  uuid,                                          -- the call, or the one to be disposed
    started_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz
);
CREATE UNIQUE INDEX agent_sessions_one ON agent_sessions (agent_id) WHERE ended_at IS NULL;

CREATE TABLE agent_state_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id uuid NOT NULL,
    agent_id   uuid NOT NULL,
    at         timestamptz NOT NULL,
    state      text NOT NULL,
    reason     text NOT NULL DEFAULT '',
    attempt_id uuid
);
CREATE INDEX agent_state_log_agent ON agent_state_log (agent_id, at);

-- Recordings: bound to the attempt by id and checksum (I8) ---------------------------
CREATE TABLE recordings (
    attempt_id  uuid PRIMARY KEY,
    campaign_id uuid NOT NULL,
    agent_id    uuid,
    path        text NOT NULL,                                 -- relative to the store
    sha256      bytea NOT NULL CHECK (length(sha256) = 32),
    bytes       bigint NOT NULL,
    duration_ms bigint NOT NULL,
    channels    int NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX recordings_campaign ON recordings (campaign_id, created_at);

-- +goose Down
DROP TABLE recordings, agent_state_log, agent_sessions, outbox, commands, script_answers, callbacks, dispositions,
    abandonment, outcome_counts, attempt_corrections CASCADE;
DROP VIEW permits;
DROP TABLE attempts, open_attempts, contact_states, campaign_lists, campaigns, trunks, scripts, dnc, import_rejects,
    imports, list_zones, contacts, lists, audit, audit_head, sessions, users CASCADE;
DROP FUNCTION attempts_are_final(), count_contacts(), ensure_attempt_partitions(int);
