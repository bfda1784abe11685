-- +goose Up

-- What reports need of an attempt and what does not stay as it was: the callee's hour, the segments of the contact, and that it was
-- the first of the contact in its campaign. Written once, behind the calls, so that sums can be made again exactly.
CREATE TABLE attempt_facts (
    attempt_id uuid PRIMARY KEY,
    week_hour  smallint NOT NULL,                              -- of the callee's week: (ISO weekday - 1) * 24 + hour; -1: not known
    fresh      boolean NOT NULL,                               -- the contact's first outbound attempt in the campaign
    segments   uuid[] NOT NULL DEFAULT '{}'
);

-- What changed since it was summed up. Rows are only added and taken away, so that nobody waits for anybody; they are written in
-- the transaction of the fact, so that none is missed.
CREATE TABLE report_dirty (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid,                                          -- with slot
    slot        timestamptz,
    attempt_id  uuid,
    session_id  uuid,                                          -- of agents, with the moment
    at          timestamptz
);
-- +goose StatementBegin
CREATE FUNCTION report_dirty_slots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO report_dirty (campaign_id, slot) SELECT DISTINCT campaign_id, date_bin('15 min', permit_at, 'epoch') FROM added;
    RETURN NULL;
END $$;
CREATE FUNCTION report_dirty_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO report_dirty (attempt_id) VALUES (NEW.attempt_id);
    RETURN NULL;
END $$;
CREATE FUNCTION report_dirty_states() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO report_dirty (session_id, at) SELECT DISTINCT session_id, at FROM added;
    RETURN NULL;
END $$;
CREATE FUNCTION report_dirty_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO report_dirty (session_id, at) VALUES (NEW.id, NEW.ended_at);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER attempts_dirty AFTER INSERT ON attempts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION report_dirty_slots();
CREATE TRIGGER dispositions_dirty AFTER INSERT OR UPDATE ON dispositions FOR EACH ROW EXECUTE FUNCTION report_dirty_attempt();
CREATE TRIGGER corrections_dirty AFTER INSERT ON attempt_corrections FOR EACH ROW EXECUTE FUNCTION report_dirty_attempt();
CREATE TRIGGER callbacks_dirty AFTER INSERT OR UPDATE OF state ON callbacks FOR EACH ROW EXECUTE FUNCTION report_dirty_attempt();
CREATE TRIGGER script_runs_dirty AFTER INSERT ON script_runs FOR EACH ROW EXECUTE FUNCTION report_dirty_attempt();
CREATE TRIGGER agent_states_dirty AFTER INSERT ON agent_state_log REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION report_dirty_states();
CREATE TRIGGER agent_sessions_dirty AFTER UPDATE ON agent_sessions FOR EACH ROW
    WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION report_dirty_session();

-- What sums are made from is found by attempt.
CREATE INDEX attempt_corrections_attempt ON attempt_corrections (attempt_id, id);
CREATE INDEX callbacks_attempt ON callbacks (attempt_id);
CREATE INDEX agent_state_log_wrap ON agent_state_log (attempt_id) WHERE state = 'WrapUp';

-- Sums of what happened, by quarters of an hour, so that a day begins at the midnight of any zone. Each attempt is counted once in
-- each kind: all (slice ''), list, agent, version (script:version), caller, trunk, mode, segment (in each of its own), callee (the hour
-- of the callee's week). So rows grow with the sum of what there is of each kind, not with the product.
CREATE TABLE report_slots (
    kind        text NOT NULL,
    slot        timestamptz NOT NULL,                          -- its beginning; an attempt is in that of its permit
    campaign_id uuid NOT NULL,
    slice       text NOT NULL,
    attempts    int NOT NULL DEFAULT 0,
    -- attempts by outcome, the last correction counts
    connected int NOT NULL DEFAULT 0, abandoned int NOT NULL DEFAULT 0, early_hangup int NOT NULL DEFAULT 0, machine int NOT NULL DEFAULT 0,
    busy int NOT NULL DEFAULT 0, no_answer int NOT NULL DEFAULT 0, invalid_number int NOT NULL DEFAULT 0, rejected int NOT NULL DEFAULT 0,
    trunk_failed int NOT NULL DEFAULT 0, cancelled int NOT NULL DEFAULT 0, switch_lost int NOT NULL DEFAULT 0, unknown int NOT NULL DEFAULT 0,
    not_placed int NOT NULL DEFAULT 0, inbound int NOT NULL DEFAULT 0, inbound_missed int NOT NULL DEFAULT 0,
    fresh          int NOT NULL DEFAULT 0,                     -- first of their contacts in the campaign
    answered       int NOT NULL DEFAULT 0,
    live           int NOT NULL DEFAULT 0,                     -- as the abandonment ledger counts them
    amd_false      int NOT NULL DEFAULT 0,                     -- taken for machines, corrected to persons
    disposed       int NOT NULL DEFAULT 0,
    contacts       int NOT NULL DEFAULT 0,
    right_party    int NOT NULL DEFAULT 0,
    successes      int NOT NULL DEFAULT 0,
    refusals       int NOT NULL DEFAULT 0,
    early_refusals int NOT NULL DEFAULT 0,                     -- refused, or hung up by the callee without a success, in the first 30 s of talk
    agreed         int NOT NULL DEFAULT 0,                     -- callbacks that were agreed on
    kept           int NOT NULL DEFAULT 0,
    missed         int NOT NULL DEFAULT 0,
    talk_ms        bigint NOT NULL DEFAULT 0,                  -- of attempts, from the bridge to the end
    wrap_ms        bigint NOT NULL DEFAULT 0,                  -- of attempts
    line_ms        bigint NOT NULL DEFAULT 0,                  -- of attempts, from the answer to the end: what carriers bill
    -- agents' time as their state log has it, of kinds all and agent only
    ready_ms bigint NOT NULL DEFAULT 0, reserved_ms bigint NOT NULL DEFAULT 0, preview_ms bigint NOT NULL DEFAULT 0,
    talking_ms bigint NOT NULL DEFAULT 0, wrapup_ms bigint NOT NULL DEFAULT 0, paused_ms bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, slot, campaign_id, slice)
);
-- The same by days of UTC, for days before report_state.days_until; long reports read these.
CREATE TABLE report_days (LIKE report_slots INCLUDING DEFAULTS);
ALTER TABLE report_days DROP COLUMN slot;
ALTER TABLE report_days ADD COLUMN day date NOT NULL;
ALTER TABLE report_days ADD PRIMARY KEY (kind, day, campaign_id, slice);
-- Days are rewritten by campaign and day.
CREATE INDEX report_slots_campaign ON report_slots (campaign_id, slot);
CREATE INDEX report_days_campaign ON report_days (campaign_id, day);
CREATE TABLE report_state (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    days_until date NOT NULL,                                  -- report_days has all days before
    folded_at  timestamptz NOT NULL                            -- of the last look at what changed
);
INSERT INTO report_state (days_until, folded_at) VALUES ('2000-01-01', 'epoch');
-- What is there already is summed up by the first look.
INSERT INTO report_dirty (campaign_id, slot) SELECT DISTINCT campaign_id, date_bin('15 min', permit_at, 'epoch') FROM attempts;
INSERT INTO report_dirty (session_id, at) SELECT session_id, at FROM agent_state_log;

-- What a campaign costs and earns, from a moment on until the next row of the campaign. Money is in the campaign's currency.
CREATE TABLE report_costs (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    since       timestamptz NOT NULL,
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'), -- ISO 4217
    data        double precision NOT NULL DEFAULT 0 CHECK (data >= 0),        -- per contact dialled for the first time
    labour      double precision NOT NULL DEFAULT 0 CHECK (labour >= 0),      -- per hour of an agent who is logged in
    call        double precision NOT NULL DEFAULT 0 CHECK (call >= 0),        -- per attempt
    minute      double precision NOT NULL DEFAULT 0 CHECK (minute >= 0),      -- per minute of an answered call
    commission  double precision NOT NULL DEFAULT 0 CHECK (commission >= 0),  -- per success
    fulfilment  double precision NOT NULL DEFAULT 0 CHECK (fulfilment >= 0),  -- per success
    revenue     double precision NOT NULL DEFAULT 0 CHECK (revenue >= 0),     -- per success, where no sales are recorded
    PRIMARY KEY (campaign_id, since)
);

-- Reports that are sent at set times. due_at is the next time; it moves in the transaction that makes the delivery.
CREATE TABLE report_schedules (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    question   jsonb NOT NULL,                                 -- report.Plan
    way        text NOT NULL CHECK (way IN ('mail', 'webhook')),
    target     text NOT NULL,                                  -- addresses with commas, or the webhook's id
    format     text NOT NULL CHECK (format IN ('csv', 'xlsx')),
    language   text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'zh-CN')),
    zone       text NOT NULL,
    enabled    boolean NOT NULL DEFAULT true,
    due_at     timestamptz NOT NULL,
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    revision   int NOT NULL DEFAULT 1
);
CREATE INDEX report_schedules_due ON report_schedules (due_at) WHERE enabled;
-- One row for each due time: it is made once, and whoever sends it holds it.
CREATE TABLE report_deliveries (
    schedule_id uuid NOT NULL REFERENCES report_schedules ON DELETE CASCADE,
    due_at      timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'unknown')),
    tries       int NOT NULL DEFAULT 0,
    next_try    timestamptz NOT NULL DEFAULT now(),
    error       text NOT NULL DEFAULT '',
    begun_at    timestamptz,                                   -- the message was about to be handed over: from here on it is not sent again by itself
    ended_at    timestamptz,
    PRIMARY KEY (schedule_id, due_at)
);
CREATE INDEX report_deliveries_waiting ON report_deliveries (next_try) WHERE state = 'waiting';

-- +goose Down
DROP TABLE report_deliveries, report_schedules, report_costs, report_state, report_days, report_slots;
DROP INDEX agent_state_log_wrap, callbacks_attempt, attempt_corrections_attempt;
DROP TRIGGER agent_sessions_dirty ON agent_sessions;
DROP TRIGGER agent_states_dirty ON agent_state_log;
DROP TRIGGER script_runs_dirty ON script_runs;
DROP TRIGGER callbacks_dirty ON callbacks;
DROP TRIGGER corrections_dirty ON attempt_corrections;
DROP TRIGGER dispositions_dirty ON dispositions;
DROP TRIGGER attempts_dirty ON attempts;
DROP FUNCTION report_dirty_slots(), report_dirty_attempt(), report_dirty_states(), report_dirty_session();
DROP TABLE report_dirty, attempt_facts;
