-- +goose Up

-- Versions are what is published; a draft becomes the next one.
ALTER TABLE scripts
    ADD COLUMN note       text NOT NULL DEFAULT '',
    ADD COLUMN created_by uuid REFERENCES users;
CREATE TABLE script_drafts (
    script_id  uuid PRIMARY KEY,
    name       text NOT NULL,
    body       jsonb NOT NULL,
    revision   int NOT NULL DEFAULT 1,
    base       int NOT NULL DEFAULT 0,                         -- the version that it was made from; 0: none
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by uuid REFERENCES users
);
CREATE TABLE script_log (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    script_id uuid NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    by_user   uuid,
    act       text NOT NULL CHECK (act IN ('publish', 'rollback')),
    version   int NOT NULL,
    note      text NOT NULL DEFAULT '',
    campaigns uuid[] NOT NULL DEFAULT '{}'                     -- that use the version from then on
);
CREATE INDEX script_log_script ON script_log (script_id, id);

-- Answers are kept by question; a page of the first form of documents has one question, which bears the page's id.
ALTER TABLE script_answers
    ADD COLUMN question   text NOT NULL DEFAULT '',
    ADD COLUMN contact_id uuid,                                -- NULL: of an attempt that is not known any more
    ADD COLUMN spent_ms   int NOT NULL DEFAULT 0,
    ADD COLUMN changes    int NOT NULL DEFAULT 0;              -- how often it was changed; script_answer_log has what it was
UPDATE script_answers SET question = step;
UPDATE script_answers s SET contact_id = a.contact_id FROM attempts a WHERE a.id = s.attempt_id;
ALTER TABLE script_answers DROP CONSTRAINT script_answers_pkey;
ALTER TABLE script_answers ADD PRIMARY KEY (attempt_id, question);
CREATE INDEX script_answers_contact ON script_answers (contact_id, question, at);
CREATE INDEX script_answers_script ON script_answers (script_id, version, question);
-- What an answer was before it was changed. It goes with its answer when a person is erased.
CREATE TABLE script_answer_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id uuid NOT NULL,
    question   text NOT NULL,
    answer     jsonb NOT NULL,
    at         timestamptz NOT NULL,                           -- when it was given
    FOREIGN KEY (attempt_id, question) REFERENCES script_answers (attempt_id, question) ON DELETE CASCADE
);
CREATE INDEX script_answer_log_of ON script_answer_log (attempt_id, question);

-- A script that guided a call: which version, and where the call is in it. The columns behind folded_at are filled in when the call
-- is over and disposed, and counted into the sums below at the same moment.
CREATE TABLE script_runs (
    attempt_id  uuid PRIMARY KEY,
    script_id   uuid NOT NULL,
    version     int NOT NULL,
    test_id     uuid,                                          -- of script_tests, when it chose the version
    campaign_id uuid NOT NULL,
    list_id     uuid NOT NULL,
    contact_id  uuid NOT NULL,
    agent_id    uuid NOT NULL,
    hour        smallint NOT NULL DEFAULT -1,                  -- of the callee's day when it began; -1: not known
    segments    uuid[] NOT NULL DEFAULT '{}',                  -- that the contact was in then
    position    jsonb NOT NULL DEFAULT '{}',                   -- a script.Position
    started_at  timestamptz NOT NULL DEFAULT now(),
    folded_at   timestamptz,
    last_step   text NOT NULL DEFAULT '',
    talk_ms     int NOT NULL DEFAULT 0,
    finished    boolean NOT NULL DEFAULT false,                -- the script's end was reached
    success     boolean NOT NULL DEFAULT false,
    refusal     boolean NOT NULL DEFAULT false,
    early       boolean NOT NULL DEFAULT false                 -- refused, or hung up by the callee, in the first 30 seconds
) WITH (fillfactor = 70);
CREATE INDEX script_runs_open ON script_runs (started_at) WHERE folded_at IS NULL;
CREATE INDEX script_runs_contact ON script_runs (contact_id, script_id, started_at);
CREATE INDEX script_runs_script ON script_runs (script_id, version, started_at);
CREATE INDEX script_runs_test ON script_runs (test_id) WHERE test_id IS NOT NULL;

-- The pages that a call went through, in order.
CREATE TABLE script_visits (
    attempt_id uuid NOT NULL,
    no         int NOT NULL,
    step       text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    read_at    timestamptz,                                    -- when the agent ticked that he had read the disclosure out
    PRIMARY KEY (attempt_id, no)
);

-- What calls answered before is taken over: the pages that were answered are those that were gone through.
INSERT INTO script_runs (attempt_id, script_id, version, campaign_id, list_id, contact_id, agent_id, started_at, last_step)
    SELECT DISTINCT ON (s.attempt_id) s.attempt_id, s.script_id, s.version, a.campaign_id, a.list_id, a.contact_id, a.agent_id,
        coalesce(a.bridged_at, a.permit_at), s.step
    FROM script_answers s JOIN attempts a ON a.id = s.attempt_id WHERE a.agent_id IS NOT NULL ORDER BY s.attempt_id, s.at DESC, s.step;
INSERT INTO script_visits (attempt_id, no, step, at)
    SELECT s.attempt_id, row_number() OVER (PARTITION BY s.attempt_id ORDER BY s.at, s.step), s.step, s.at
    FROM script_answers s JOIN script_runs r ON r.attempt_id = s.attempt_id;

-- Sums of what became of calls, by version, campaign, day (UTC) of the beginning and one more thing: kind and slice are all '', list id,
-- segment id or hour 00 to 23. A page's row counts calls that reached it; the row with step '' counts calls. Reports read these.
CREATE TABLE script_steps (
    script_id   uuid NOT NULL,
    version     int NOT NULL,
    campaign_id uuid NOT NULL,
    day         date NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('all', 'list', 'segment', 'hour')),
    slice       text NOT NULL,
    step        text NOT NULL,
    calls       bigint NOT NULL,                               -- that reached it
    exits       bigint NOT NULL,                               -- that ended on it; of step '': that reached the script's end
    refusals    bigint NOT NULL,                               -- of the exits; of step '': of the calls
    early       bigint NOT NULL,                               -- of the exits; of step '': of the calls
    successes   bigint NOT NULL,
    answered    bigint NOT NULL,                               -- answered at least one of its questions; of step '': stayed longer than the opening
    late        bigint NOT NULL,                               -- of step '': successes among those who stayed
    times       int[] NOT NULL,                                -- how many stays lasted how long: lists.timeBucket
    PRIMARY KEY (script_id, kind, version, campaign_id, day, slice, step)
);
CREATE TABLE script_ways (
    script_id   uuid NOT NULL,
    version     int NOT NULL,
    campaign_id uuid NOT NULL,
    day         date NOT NULL,
    kind        text NOT NULL,
    slice       text NOT NULL,
    from_step   text NOT NULL,
    to_step     text NOT NULL,                                 -- '': the end
    calls       bigint NOT NULL,
    successes   bigint NOT NULL,
    refusals    bigint NOT NULL,
    PRIMARY KEY (script_id, kind, version, campaign_id, day, slice, from_step, to_step)
);

-- Versions compared on a campaign's contacts, drawn by weights (lists.ScriptTest).
CREATE TABLE script_tests (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    arms        jsonb NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    started_by  uuid REFERENCES users,
    ended_at    timestamptz,
    winner      int
);
CREATE UNIQUE INDEX script_tests_one ON script_tests (campaign_id) WHERE ended_at IS NULL;

-- +goose Down
DROP TABLE script_tests, script_ways, script_steps, script_visits, script_runs, script_answer_log, script_log, script_drafts;
DELETE FROM script_answers a USING script_answers b WHERE a.attempt_id = b.attempt_id AND a.step = b.step AND a.question > b.question;
ALTER TABLE script_answers DROP CONSTRAINT script_answers_pkey;
DROP INDEX script_answers_contact, script_answers_script;
ALTER TABLE script_answers DROP COLUMN question, DROP COLUMN contact_id, DROP COLUMN spent_ms, DROP COLUMN changes;
ALTER TABLE script_answers ADD PRIMARY KEY (attempt_id, step);
ALTER TABLE scripts DROP COLUMN note, DROP COLUMN created_by;
