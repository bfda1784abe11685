-- +goose Up

-- The customer's own id of a contact: one contact of a list has it.
ALTER TABLE contacts ADD COLUMN key text NOT NULL DEFAULT '' CHECK (length(key) <= 200);
CREATE UNIQUE INDEX contacts_key ON contacts (list_id, key) WHERE key <> '';
-- The number was on a do-not-call list when the contact was loaded: for people to see. A claim asks anew.
ALTER TABLE contacts ADD COLUMN dnc boolean NOT NULL DEFAULT false;

-- One index instead of two: it finds a number, and keeps a list from having it twice. A load of a million contacts spends a
-- third of its time in each index that is not filled in its own order.
ALTER TABLE contacts DROP CONSTRAINT contacts_list_id_phone_key;
DROP INDEX contacts_phone;
CREATE UNIQUE INDEX contacts_phone ON contacts (phone, list_id);

-- That a contact's list is there is checked once for each statement, by the row of its count, not once for each contact.
ALTER TABLE contacts DROP CONSTRAINT contacts_list_id_fkey;
DELETE FROM list_zones z WHERE NOT EXISTS (SELECT FROM lists l WHERE l.id = z.list_id);
ALTER TABLE list_zones ADD CONSTRAINT contacts_list_id_fkey FOREIGN KEY (list_id) REFERENCES lists;

-- Further numbers of a contact; contacts.phone is the one at position 0.
CREATE TABLE contact_phones (
    contact_id uuid NOT NULL,
    pos        smallint NOT NULL CHECK (pos BETWEEN 1 AND 20),
    phone      text NOT NULL,                                  -- E.164
    kind       text NOT NULL DEFAULT '' CHECK (kind IN ('', 'mobile', 'fixed')),
    zones      text[] NOT NULL DEFAULT '{}',
    region     text NOT NULL DEFAULT '',
    label      text NOT NULL DEFAULT '',                       -- what the customer calls it: home, work, ...
    PRIMARY KEY (contact_id, pos)
);
CREATE INDEX contact_phones_phone ON contact_phones (phone);
-- +goose StatementBegin
CREATE FUNCTION drop_contact_phones() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contact_phones p USING changed c WHERE p.contact_id = c.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER contacts_phones_gone AFTER DELETE ON contacts REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION drop_contact_phones();

-- What the fields of a list's contacts mean. Values are stored as text in one form for each type: a number as plain decimal, a
-- date as YYYY-MM-DD, a truth value as true or false, money as plain decimal.
CREATE TABLE list_fields (
    list_id  uuid NOT NULL REFERENCES lists ON DELETE CASCADE,
    name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    type     text NOT NULL DEFAULT 'text' CHECK (type IN ('text', 'number', 'date', 'bool', 'money')),
    label    text NOT NULL DEFAULT '',
    label_zh text NOT NULL DEFAULT '',
    position int NOT NULL DEFAULT 0,
    PRIMARY KEY (list_id, name)
);

-- How files of one shape are read, to be used again.
CREATE TABLE import_templates (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 120),
    plan       jsonb NOT NULL,
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- ready: the file is here and nobody has said yet how to read it. rows_read is where a load goes on after a crash: it is
-- committed together with the contacts of those rows.
ALTER TABLE imports DROP CONSTRAINT imports_state_check, DROP CONSTRAINT imports_check;
ALTER TABLE imports ADD CONSTRAINT imports_state_check CHECK (state IN ('ready', 'running', 'done', 'failed', 'cancelled'));
ALTER TABLE imports ADD CONSTRAINT imports_check CHECK ((state IN ('ready', 'running')) = (ended_at IS NULL));
ALTER TABLE imports
    ADD COLUMN plan      jsonb,
    ADD COLUMN header    text[] NOT NULL DEFAULT '{}',
    ADD COLUMN encoding  text NOT NULL DEFAULT '',
    ADD COLUMN delimiter text NOT NULL DEFAULT '',
    ADD COLUMN updated   bigint NOT NULL DEFAULT 0,            -- rows that changed contacts that were there
    ADD COLUMN on_dnc    bigint NOT NULL DEFAULT 0,            -- accepted contacts whose number is on a do-not-call list
    ADD COLUMN reasons   jsonb NOT NULL DEFAULT '{}',          -- rejected rows by reason
    ADD COLUMN cancel    boolean NOT NULL DEFAULT false,       -- somebody asked for its end
    ADD COLUMN tries     int NOT NULL DEFAULT 1,               -- how often it was begun or gone on with
    ADD COLUMN kept_by   text NOT NULL DEFAULT '',             -- where the file is kept until the end; '': nowhere, it cannot be gone on with
    ADD COLUMN beat_at   timestamptz NOT NULL DEFAULT now();
ALTER TABLE import_rejects ADD COLUMN record text[];           -- the cells of the row as they were, unless they are too long

-- Pairs of contacts that look like one person, for a person to decide.
CREATE TABLE near_duplicates (
    id         uuid PRIMARY KEY,
    list_id    uuid NOT NULL REFERENCES lists ON DELETE CASCADE,
    a          uuid NOT NULL,                                  -- the one that was there first
    b          uuid NOT NULL,
    score      real NOT NULL,                                  -- 0 to 1
    why        text[] NOT NULL,                                -- what they share
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'merged', 'different')),
    decided_by uuid,
    decided_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (a, b)
);
CREATE INDEX near_duplicates_open ON near_duplicates (list_id, score DESC, id) WHERE state = 'open';

-- +goose Down
DROP TABLE near_duplicates;
ALTER TABLE import_rejects DROP COLUMN record;
UPDATE imports SET state = 'failed', ended_at = coalesce(ended_at, now()) WHERE state IN ('ready', 'cancelled');
ALTER TABLE imports DROP CONSTRAINT imports_state_check, DROP CONSTRAINT imports_check;
ALTER TABLE imports DROP COLUMN plan, DROP COLUMN header, DROP COLUMN encoding, DROP COLUMN delimiter, DROP COLUMN updated, DROP COLUMN on_dnc,
    DROP COLUMN reasons, DROP COLUMN cancel, DROP COLUMN tries, DROP COLUMN kept_by, DROP COLUMN beat_at;
ALTER TABLE imports ADD CONSTRAINT imports_state_check CHECK (state IN ('running', 'done', 'failed'));
ALTER TABLE imports ADD CONSTRAINT imports_check CHECK ((state = 'running') = (ended_at IS NULL));
DROP TABLE import_templates, list_fields;
DROP TRIGGER contacts_phones_gone ON contacts;
DROP FUNCTION drop_contact_phones();
DROP TABLE contact_phones;
ALTER TABLE list_zones DROP CONSTRAINT contacts_list_id_fkey;
ALTER TABLE contacts ADD CONSTRAINT contacts_list_id_fkey FOREIGN KEY (list_id) REFERENCES lists;
DROP INDEX contacts_phone;
CREATE INDEX contacts_phone ON contacts (phone);
ALTER TABLE contacts ADD CONSTRAINT contacts_list_id_phone_key UNIQUE (list_id, phone);
ALTER TABLE contacts DROP COLUMN dnc, DROP COLUMN key;
