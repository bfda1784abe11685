-- +goose Up

-- Stages of a sale, in their order: of one campaign, or of all that have none of their own.
CREATE TABLE sale_stages (
    id          uuid PRIMARY KEY,
    campaign_id uuid REFERENCES campaigns ON DELETE CASCADE,
    name_en     text NOT NULL CHECK (char_length(name_en) BETWEEN 1 AND 60),
    name_zh     text NOT NULL CHECK (char_length(name_zh) BETWEEN 1 AND 60),
    position    int NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('open', 'won', 'lost')),
    retired     boolean NOT NULL DEFAULT false                  -- sales may still stand there, none is put there any more
);
CREATE INDEX sale_stages_order ON sale_stages (campaign_id, position);
INSERT INTO sale_stages (id, name_en, name_zh, position, kind) VALUES
    ('5a1e0000-0000-4000-8000-000000000001', 'New', '新建', 1, 'open'),
    ('5a1e0000-0000-4000-8000-000000000002', 'Offer sent', '已报价', 2, 'open'),
    ('5a1e0000-0000-4000-8000-000000000003', 'Won', '成交', 3, 'won'),
    ('5a1e0000-0000-4000-8000-000000000004', 'Lost', '失败', 4, 'lost');

CREATE TABLE sales (
    id           uuid PRIMARY KEY,                              -- made by the page: sent twice it is one
    campaign_id  uuid NOT NULL,
    contact_id   uuid NOT NULL,
    title        text NOT NULL CHECK (char_length(title) <= 200),
    stage_id     uuid NOT NULL REFERENCES sale_stages,
    amount       bigint NOT NULL DEFAULT 0 CHECK (amount BETWEEN 0 AND 1000000000000), -- in the currency's smallest unit
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'), -- ISO 4217
    follow_up_at timestamptz,
    owner_id     uuid REFERENCES users,
    note         text NOT NULL DEFAULT '' CHECK (char_length(note) <= 2000),
    created_by   uuid NOT NULL REFERENCES users,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    stage_at     timestamptz NOT NULL DEFAULT now(),            -- since when it stands in its stage
    revision     int NOT NULL DEFAULT 1
);
CREATE INDEX sales_contact ON sales (contact_id);
CREATE INDEX sales_campaign ON sales (campaign_id, created_at);
CREATE INDEX sales_created ON sales (created_at, id);
CREATE INDEX sales_follow_up ON sales (follow_up_at) WHERE follow_up_at IS NOT NULL;

-- The calls that made a sale.
CREATE TABLE sale_attempts (
    sale_id    uuid NOT NULL REFERENCES sales ON DELETE CASCADE,
    attempt_id uuid NOT NULL,
    added_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sale_id, attempt_id)
);
CREATE INDEX sale_attempts_attempt ON sale_attempts (attempt_id);

-- What became of a sale, appended with each change of stage or amount.
CREATE TABLE sale_changes (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sale_id  uuid NOT NULL REFERENCES sales ON DELETE CASCADE,
    at       timestamptz NOT NULL DEFAULT now(),
    by_user  uuid NOT NULL REFERENCES users,
    stage_id uuid NOT NULL REFERENCES sale_stages,
    amount   bigint NOT NULL,
    currency text NOT NULL
);
CREATE INDEX sale_changes_sale ON sale_changes (sale_id, id);
-- +goose StatementBegin
CREATE FUNCTION sale_changes_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what became of a sale is not rewritten: append a row';
END $$;
-- +goose StatementEnd
CREATE TRIGGER sale_changes_final BEFORE UPDATE ON sale_changes FOR EACH ROW EXECUTE FUNCTION sale_changes_stay();

-- Campaign tests: treatments compared on contacts that were drawn before the start, against each other and a hold-out.
CREATE TABLE experiments (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    arms        jsonb NOT NULL,
    strata      text NOT NULL DEFAULT '',                       -- '', list, zone, or field.NAME
    seed        bigint NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('success', 'contact', 'conversion')),
    planned     int NOT NULL CHECK (planned BETWEEN 20 AND 10000000), -- contacts with an outcome at which the rule is sharpest
    started_at  timestamptz NOT NULL DEFAULT now(),
    started_by  uuid NOT NULL REFERENCES users,
    ended_at    timestamptz,
    ended_why   text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX experiments_one ON experiments (campaign_id) WHERE ended_at IS NULL;

-- Who was drawn for what: written once, at the start.
CREATE TABLE experiment_contacts (
    experiment_id uuid NOT NULL REFERENCES experiments ON DELETE CASCADE,
    contact_id    uuid NOT NULL,
    arm           smallint NOT NULL,
    stratum       text NOT NULL,
    PRIMARY KEY (experiment_id, contact_id)
);

-- What the outside says that contacts did, those whom nobody called among them.
CREATE TABLE experiment_conversions (
    experiment_id uuid NOT NULL REFERENCES experiments ON DELETE CASCADE,
    contact_id    uuid NOT NULL,
    at            timestamptz NOT NULL,
    amount        bigint NOT NULL DEFAULT 0 CHECK (amount BETWEEN 0 AND 1000000000000),
    PRIMARY KEY (experiment_id, contact_id)
);

-- +goose Down
DROP TABLE experiment_conversions, experiment_contacts, experiments, sale_changes, sale_attempts, sales, sale_stages;
DROP FUNCTION sale_changes_stay();
