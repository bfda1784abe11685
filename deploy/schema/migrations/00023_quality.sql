-- +goose Up

-- What calls are scored by. A card's versions are what was published; a draft becomes the next one.
CREATE TABLE scorecards (
    id          uuid PRIMARY KEY,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    draft       jsonb,                                         -- NULL: there is none
    revision    int NOT NULL DEFAULT 1,                        -- of the draft; grows with each change
    version     int NOT NULL DEFAULT 0,                        -- the newest published; 0: none
    retired     boolean NOT NULL DEFAULT false,                -- nothing new is scored by it
    updated_at  timestamptz NOT NULL DEFAULT now(),
    updated_by  uuid REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE scorecard_versions (
    card_id      uuid NOT NULL REFERENCES scorecards,
    version      int NOT NULL,
    name         text NOT NULL,
    body         jsonb NOT NULL,                               -- a quality.Card
    note         text NOT NULL DEFAULT '',
    published_at timestamptz NOT NULL DEFAULT now(),
    published_by uuid NOT NULL REFERENCES users,
    PRIMARY KEY (card_id, version)
);

-- Several evaluators score the same call, none knowing what the others say until it is closed.
CREATE TABLE calibrations (
    id           uuid PRIMARY KEY,
    title        text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 120),
    attempt_id   uuid NOT NULL,
    agent_id     uuid NOT NULL REFERENCES users,
    campaign_id  uuid NOT NULL,
    card_id      uuid NOT NULL,
    card_version int NOT NULL,
    reference_id uuid REFERENCES users,                        -- whose scores are the right ones; NULL: the mean is
    created_by   uuid NOT NULL REFERENCES users,
    created_at   timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz,
    closed_by    uuid REFERENCES users,
    FOREIGN KEY (card_id, card_version) REFERENCES scorecard_versions
);
CREATE INDEX calibrations_newest ON calibrations (created_at, id);
CREATE TABLE calibration_evaluators (
    calibration_id uuid NOT NULL REFERENCES calibrations ON DELETE CASCADE,
    user_id        uuid NOT NULL REFERENCES users,
    PRIMARY KEY (calibration_id, user_id)
);
CREATE INDEX calibration_evaluators_user ON calibration_evaluators (user_id);

-- One call scored by one evaluator. What he submitted stays as it is; what holds now is beside it and moves only with a row of
-- evaluation_changes.
CREATE TABLE evaluations (
    id             uuid PRIMARY KEY,                           -- made by the page: sent twice it is one
    attempt_id     uuid NOT NULL,
    agent_id       uuid NOT NULL REFERENCES users,
    campaign_id    uuid NOT NULL,
    contact_id     uuid NOT NULL,
    called_at      timestamptz NOT NULL,
    card_id        uuid NOT NULL,
    card_version   int NOT NULL,
    evaluator_id   uuid NOT NULL REFERENCES users,
    calibration_id uuid REFERENCES calibrations,               -- of a calibration: the agent never sees it, and it counts nowhere else
    sheet          jsonb NOT NULL,                             -- a quality.Sheet
    score          double precision NOT NULL CHECK (score BETWEEN 0 AND 100),
    submitted_at   timestamptz NOT NULL DEFAULT now(),
    sheet_now      jsonb NOT NULL,
    score_now      double precision NOT NULL CHECK (score_now BETWEEN 0 AND 100),
    fatal_now      boolean NOT NULL DEFAULT false,             -- a fatal question made it 0
    changes        int NOT NULL DEFAULT 0,
    appeal_until   timestamptz NOT NULL,
    acknowledged_at timestamptz,
    FOREIGN KEY (card_id, card_version) REFERENCES scorecard_versions
);
CREATE UNIQUE INDEX evaluations_call ON evaluations (attempt_id) WHERE calibration_id IS NULL;
CREATE UNIQUE INDEX evaluations_calibration ON evaluations (calibration_id, evaluator_id) WHERE calibration_id IS NOT NULL;
CREATE INDEX evaluations_newest ON evaluations (submitted_at, id) WHERE calibration_id IS NULL;
CREATE INDEX evaluations_agent ON evaluations (agent_id, submitted_at, id) WHERE calibration_id IS NULL;
CREATE INDEX evaluations_called ON evaluations (called_at) WHERE calibration_id IS NULL;
CREATE INDEX evaluations_score ON evaluations (score_now) WHERE calibration_id IS NULL;
CREATE INDEX evaluations_contact ON evaluations (contact_id);

-- What each question gave and cost, as it holds now.
CREATE TABLE evaluation_answers (
    evaluation_id uuid NOT NULL REFERENCES evaluations ON DELETE CASCADE,
    question      text NOT NULL,
    na            boolean NOT NULL,
    share         double precision NOT NULL,                   -- of what it can give, 0 to 1; 0 when it does not apply
    lost          double precision NOT NULL,                   -- per cent of the score; with the score they are 100
    fatal         boolean NOT NULL,
    PRIMARY KEY (evaluation_id, question)
);

-- Why a score is not any more what was submitted: appended, each with what held from then on.
CREATE TABLE evaluation_changes (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    evaluation_id uuid NOT NULL REFERENCES evaluations,
    at            timestamptz NOT NULL DEFAULT now(),
    by_user       uuid NOT NULL REFERENCES users,
    kind          text NOT NULL CHECK (kind IN ('correction', 'appeal')),
    reason        text NOT NULL CHECK (char_length(reason) <= 2000),
    score_was     double precision NOT NULL,
    sheet         jsonb NOT NULL,
    score         double precision NOT NULL CHECK (score BETWEEN 0 AND 100)
);
CREATE INDEX evaluation_changes_of ON evaluation_changes (evaluation_id, id);

-- An agent's word against a score: one for each evaluation, decided by somebody else than its evaluator.
CREATE TABLE evaluation_appeals (
    evaluation_id uuid PRIMARY KEY REFERENCES evaluations,
    text          text NOT NULL CHECK (char_length(text) <= 2000),
    at            timestamptz NOT NULL DEFAULT now(),
    decided_at    timestamptz,
    decided_by    uuid REFERENCES users,
    verdict       text CHECK (verdict IN ('upheld', 'changed')),
    answer        text NOT NULL DEFAULT '' CHECK (char_length(answer) <= 2000),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (verdict IS NULL))
);
CREATE INDEX evaluation_appeals_open ON evaluation_appeals (at) WHERE decided_at IS NULL;

-- A sheet without its words, for when the call's contact is erased.
-- +goose StatementBegin
CREATE FUNCTION quality_wordless(sheet jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_set(sheet - 'comment', '{answers}', coalesce((SELECT jsonb_agg(a - 'comment') FROM jsonb_array_elements(sheet->'answers') a), '[]'))
$$;
-- +goose StatementEnd

-- What was submitted is not rewritten.
-- +goose StatementBegin
CREATE FUNCTION quality_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF current_setting('dialtide.person', true) = 'erase' THEN -- set by the erasure of one person, per transaction
            RETURN NEW;
        END IF;
        IF TG_TABLE_NAME = 'evaluations' THEN
            free := ARRAY['sheet_now', 'score_now', 'fatal_now', 'changes', 'appeal_until', 'acknowledged_at'];
            IF NEW.changes = OLD.changes THEN
                free := ARRAY['acknowledged_at'];
            END IF;
        END IF;
        IF to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% are not rewritten: append a change with its reason', TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER evaluations_stay BEFORE UPDATE OR DELETE ON evaluations FOR EACH ROW EXECUTE FUNCTION quality_stays();
CREATE TRIGGER evaluation_changes_stay BEFORE UPDATE OR DELETE ON evaluation_changes FOR EACH ROW EXECUTE FUNCTION quality_stays();
CREATE TRIGGER scorecard_versions_stay BEFORE UPDATE OR DELETE ON scorecard_versions FOR EACH ROW EXECUTE FUNCTION quality_stays();

-- Which calls are to be scored. A call's lot depends on the key and on its id alone, so a rule that is made anew draws the same.
CREATE TABLE sampling_rules (
    id           uuid PRIMARY KEY,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    card_id      uuid NOT NULL REFERENCES scorecards,
    enabled      boolean NOT NULL DEFAULT true,
    campaign_id  uuid,                                         -- NULL: of any
    team_id      uuid REFERENCES teams ON DELETE SET NULL,
    agent_id     uuid REFERENCES users,
    mode         text NOT NULL CHECK (mode IN ('share', 'weekly')),
    share        double precision NOT NULL DEFAULT 0 CHECK (share BETWEEN 0 AND 1),
    per_week     int NOT NULL DEFAULT 0 CHECK (per_week BETWEEN 0 AND 100), -- of each agent
    dispositions text[] NOT NULL DEFAULT '{}',                 -- empty: any
    least_ms     bigint NOT NULL DEFAULT 0,
    most_ms      bigint NOT NULL DEFAULT 0,                    -- 0: any
    early        boolean NOT NULL DEFAULT false,               -- only those that were lost in their first 30 seconds
    due_days     int NOT NULL DEFAULT 7 CHECK (due_days BETWEEN 1 AND 90),
    revision     int NOT NULL DEFAULT 1,
    drawn_until  timestamptz NOT NULL,                         -- recordings of before have had their chance
    created_by   uuid NOT NULL REFERENCES users,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((mode = 'share') = (share > 0) AND (mode = 'weekly') = (per_week > 0))
);
CREATE TABLE quality_picks (
    rule_id    uuid NOT NULL REFERENCES sampling_rules ON DELETE CASCADE,
    attempt_id uuid NOT NULL,
    agent_id   uuid NOT NULL,
    card_id    uuid NOT NULL,
    called_at  timestamptz NOT NULL,
    lot        double precision NOT NULL,
    drawn_at   timestamptz NOT NULL DEFAULT now(),
    due_at     timestamptz NOT NULL,
    done_at    timestamptz,
    skipped_by uuid REFERENCES users,                          -- it could not be scored; done_at says when
    why        text NOT NULL DEFAULT '',
    PRIMARY KEY (rule_id, attempt_id)
);
CREATE INDEX quality_picks_due ON quality_picks (due_at, attempt_id) WHERE done_at IS NULL;
CREATE INDEX quality_picks_attempt ON quality_picks (attempt_id);
CREATE INDEX quality_picks_week ON quality_picks (rule_id, called_at);
CREATE TABLE quality_key (
    id  int PRIMARY KEY CHECK (id = 1),
    key bytea NOT NULL CHECK (length(key) = 32)
);
INSERT INTO quality_key VALUES (1, decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

-- What somebody is to be coached about, until it was done.
CREATE TABLE coaching_tasks (
    id            uuid PRIMARY KEY,                            -- made by the page: sent twice it is one
    agent_id      uuid NOT NULL REFERENCES users,
    card_id       uuid REFERENCES scorecards,
    question      text NOT NULL DEFAULT '',                    -- of the card; '': no one of them
    evaluation_id uuid REFERENCES evaluations,
    text          text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 1000),
    due_on        date,
    created_by    uuid NOT NULL REFERENCES users,
    created_at    timestamptz NOT NULL DEFAULT now(),
    done_at       timestamptz,
    done_by       uuid REFERENCES users,
    outcome       text NOT NULL DEFAULT '' CHECK (char_length(outcome) <= 1000),
    CHECK ((done_at IS NULL) = (done_by IS NULL))
);
CREATE INDEX coaching_tasks_agent ON coaching_tasks (agent_id, created_at);
CREATE INDEX coaching_tasks_open ON coaching_tasks (created_at) WHERE done_at IS NULL;

-- +goose Down
DROP TABLE coaching_tasks, quality_key, quality_picks, sampling_rules, evaluation_appeals, evaluation_changes, evaluation_answers, evaluations,
    calibration_evaluators, calibrations, scorecard_versions, scorecards;
DROP FUNCTION quality_stays(), quality_wordless(jsonb);
