-- +goose Up

-- Do-not-call: a whole person, by the customer's own id of him (contacts.key), whatever number he has or gets. His numbers
-- that are known get entries of their own, which name him.
ALTER TABLE dnc ADD COLUMN person text NOT NULL DEFAULT '';
CREATE INDEX dnc_of_person ON dnc (person) WHERE person <> '';
CREATE INDEX dnc_prefix ON dnc (phone text_pattern_ops);
CREATE TABLE dnc_people (
    id          uuid PRIMARY KEY,
    person      text NOT NULL CHECK (length(person) BETWEEN 1 AND 200),
    campaign_id uuid,
    reason      text NOT NULL,
    added_by    uuid REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT now(),
    until       timestamptz
);
CREATE UNIQUE INDEX dnc_people_once ON dnc_people (person, coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'::uuid));

-- National and state registries. The numbers of each load are in a table of their own, registry_numbers_<no>, which is made,
-- filled and indexed in the transaction that makes it the one that is asked: so a registry is replaced at one moment, and what
-- a crash leaves behind is nothing.
CREATE TABLE registries (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 120),
    region     text NOT NULL CHECK (region ~ '^[A-Z]{2}(-[A-Z0-9]{1,3})?$'), -- country or state whose registry it is
    everyone   boolean NOT NULL DEFAULT true,                 -- asked for every campaign; false: for those that demand it
    load_no    int,                                           -- whose numbers are asked; NULL: none yet
    numbers    bigint NOT NULL DEFAULT 0,
    as_of      timestamptz,                                   -- of which moment they are; the age that the law means
    loaded_at  timestamptz,
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((load_no IS NULL) = (as_of IS NULL))
);
CREATE TABLE registry_loads (
    no          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    registry_id uuid NOT NULL REFERENCES registries ON DELETE CASCADE,
    file_name   text NOT NULL,
    as_of       timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
    stage       text NOT NULL DEFAULT 'reading',              -- reading, indexing, replacing
    bytes_total bigint NOT NULL DEFAULT 0,
    bytes_read  bigint NOT NULL DEFAULT 0,
    lines       bigint NOT NULL DEFAULT 0,
    numbers     bigint NOT NULL DEFAULT 0,
    bad         bigint NOT NULL DEFAULT 0,
    bad_lines   json NOT NULL DEFAULT '[]',                   -- the first of them, with what is wrong
    cancel      boolean NOT NULL DEFAULT false,               -- somebody asked for its end
    error       text NOT NULL DEFAULT '',
    created_by  uuid REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT now(),
    beat_at     timestamptz NOT NULL DEFAULT now(),           -- one that has not beaten for a minute belongs to a process that is gone
    ended_at    timestamptz,
    CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX registry_loads_one ON registry_loads (registry_id) WHERE state = 'running';
CREATE INDEX registry_loads_of ON registry_loads (registry_id, no);

-- Consents: what a person agreed to, with the evidence. Rows are never changed: a withdrawal is written into its empty columns
-- once, and only an erasure takes the number and the name away.
CREATE TABLE consents (
    id              uuid PRIMARY KEY,
    phone           text NOT NULL DEFAULT '',                 -- E.164
    person          text NOT NULL DEFAULT '',                 -- contacts.key
    purpose         text NOT NULL CHECK (purpose ~ '^[a-z0-9_.-]{1,40}$'),
    evidence        text NOT NULL DEFAULT '',
    evidence_sha256 bytea CHECK (length(evidence_sha256) = 32), -- of a file that the customer keeps
    source          text NOT NULL DEFAULT '',
    given_at        timestamptz NOT NULL,
    until           timestamptz,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    recorded_by     uuid REFERENCES users,
    withdrawn_at    timestamptz,
    withdrawn_how   text NOT NULL DEFAULT '',
    withdrawn_by    uuid REFERENCES users,
    erased          boolean NOT NULL DEFAULT false,
    CHECK (erased OR phone <> '' OR person <> ''),
    CHECK (phone = '' OR phone ~ '^\+[0-9]{7,15}$'),
    CHECK (until IS NULL OR until > given_at)
);
CREATE INDEX consents_phone ON consents (phone, purpose) WHERE phone <> '';
CREATE INDEX consents_person ON consents (person, purpose) WHERE person <> '';
-- The same consent told twice is one.
CREATE UNIQUE INDEX consents_once ON consents (phone, person, purpose, given_at) WHERE NOT erased;
-- +goose StatementBegin
CREATE FUNCTION consents_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('dialtide.person', true) = 'erase' THEN -- set by the erasure of one person and by retention, per transaction
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND
        (NEW.id, NEW.phone, NEW.person, NEW.purpose, NEW.evidence, NEW.evidence_sha256, NEW.source, NEW.given_at, NEW.until, NEW.recorded_at, NEW.recorded_by, NEW.erased)
        IS NOT DISTINCT FROM
        (OLD.id, OLD.phone, OLD.person, OLD.purpose, OLD.evidence, OLD.evidence_sha256, OLD.source, OLD.given_at, OLD.until, OLD.recorded_at, OLD.recorded_by, OLD.erased) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'consents are final: add a row or withdraw one';
END $$;
-- +goose StatementEnd
CREATE TRIGGER consents_final BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION consents_are_final();

-- What stays of a number whose owner was erased: a hash under a key that each installation makes for itself. It keeps the
-- number from being called when it is loaded again, and tells nobody without the key which one it is.
CREATE TABLE install_key (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    key bytea NOT NULL CHECK (length(key) = 64)
);
INSERT INTO install_key (key) SELECT string_agg(uuid_send(gen_random_uuid()), '') FROM generate_series(1, 4);
CREATE TABLE erased_numbers (
    hash      bytea PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);
-- +goose StatementBegin
CREATE FUNCTION number_hash(phone text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(key || sha256(key || convert_to(phone, 'UTF8'))) FROM install_key
$$;
-- +goose StatementEnd

-- An erased contact stays as a row without anything of the person: lists and campaigns go on adding up. Its number is one
-- that no telephone has: +0 and digits.
ALTER TABLE contacts DROP CONSTRAINT contacts_phone_check;
ALTER TABLE contacts ADD CONSTRAINT contacts_phone_check CHECK (phone ~ '^\+[1-9][0-9]{5,14}$' OR phone ~ '^\+0[0-9]{14}$') NOT VALID;

-- The outcome of an attempt is final; an erasure may put another number in the place of the erased one, and nothing else.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION attempts_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('dialtide.person', true) = 'erase' AND NEW.phone LIKE '+0%' THEN
        IF to_jsonb(NEW) - 'phone' = to_jsonb(OLD) - 'phone' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'attempts are final: append an attempt_corrections row instead';
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOR t IN SELECT 'registry_numbers_' || no FROM registry_loads LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I', t);
    END LOOP;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION attempts_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'attempts are final: append an attempt_corrections row instead';
END $$;
-- +goose StatementEnd
ALTER TABLE contacts DROP CONSTRAINT contacts_phone_check;
ALTER TABLE contacts ADD CONSTRAINT contacts_phone_check CHECK (phone ~ '^\+[1-9][0-9]{5,14}$') NOT VALID;
DROP FUNCTION number_hash(text);
DROP TABLE erased_numbers, install_key, consents, registry_loads, registries, dnc_people;
DROP FUNCTION consents_are_final();
DROP INDEX dnc_prefix, dnc_of_person;
ALTER TABLE dnc DROP COLUMN person;
