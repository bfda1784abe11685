-- +goose Up

-- What was done to the recording of a call: under which policy it began, whether the callee was told, pauses. Written behind the
-- call's back, so a row may come a moment after what it tells; a batch that is written twice has no effect.
CREATE TABLE recording_marks (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id uuid NOT NULL,
    at         timestamptz NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('begun', 'announced', 'unannounced', 'paused', 'resumed', 'started', 'stopped')),
    by_user    uuid,                                          -- NULL: the system
    detail     jsonb NOT NULL DEFAULT '{}',
    UNIQUE (attempt_id, at, kind)
);
CREATE INDEX recording_marks_begun ON recording_marks (at) WHERE kind = 'begun';

-- sha256, bytes and path are of the WAV file as it was recorded; sealed_* are of what lies in the store when that is encrypted.
ALTER TABLE recordings
    ADD COLUMN contact_id     uuid,
    ADD COLUMN phone          text NOT NULL DEFAULT '',
    ADD COLUMN disposition    text NOT NULL DEFAULT '',       -- kept in step with dispositions, so that a search needs no join
    ADD COLUMN policy         text NOT NULL DEFAULT '' CHECK (policy IN ('', 'always', 'demand', 'percent', 'never')),
    ADD COLUMN percent        double precision,               -- of policy percent
    ADD COLUMN announced      boolean,                        -- NULL: no announcement was asked for
    ADD COLUMN began_at       timestamptz,                    -- when the first sample was spoken
    ADD COLUMN paused_ms      bigint NOT NULL DEFAULT 0,
    ADD COLUMN key_id         text NOT NULL DEFAULT '',       -- '': not encrypted
    ADD COLUMN peaks          bytea,                          -- of the waveform: a pair of bytes each, customer and agent
    ADD COLUMN opus_state     text NOT NULL DEFAULT '' CHECK (opus_state IN ('', 'done', 'failed')),
    ADD COLUMN opus_tries     int NOT NULL DEFAULT 0,
    ADD COLUMN opus_path      text NOT NULL DEFAULT '',
    ADD COLUMN opus_sha256    bytea CHECK (length(opus_sha256) = 32),
    ADD COLUMN opus_bytes     bigint NOT NULL DEFAULT 0,
    ADD COLUMN opus_key_id    text NOT NULL DEFAULT '',
    ADD COLUMN wav_gone_at    timestamptz;                    -- the opus file stands for it
UPDATE recordings r SET contact_id = a.contact_id, phone = a.phone, began_at = a.bridged_at FROM attempts a WHERE a.id = r.attempt_id;
UPDATE recordings r SET disposition = d.code FROM dispositions d WHERE d.attempt_id = r.attempt_id;
DROP INDEX recordings_campaign;
CREATE INDEX recordings_newest ON recordings (created_at, attempt_id);
CREATE INDEX recordings_campaign ON recordings (campaign_id, created_at, attempt_id);
CREATE INDEX recordings_agent ON recordings (agent_id, created_at, attempt_id);
CREATE INDEX recordings_contact ON recordings (contact_id, created_at, attempt_id);
CREATE INDEX recordings_phone ON recordings (phone text_pattern_ops, created_at, attempt_id);
CREATE INDEX recordings_disposition ON recordings (disposition, created_at, attempt_id);
CREATE INDEX recordings_duration ON recordings (duration_ms);
CREATE INDEX recordings_plain ON recordings (created_at) WHERE opus_state = '';
-- By a digest: an answer may be longer than an index takes.
CREATE INDEX script_answers_question ON script_answers (question, md5(answer #>> '{}'), at);

-- A disposition comes before or after its recording.
-- +goose StatementBegin
CREATE FUNCTION recording_disposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE recordings SET disposition = NEW.code WHERE attempt_id = NEW.attempt_id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER recordings_disposed AFTER INSERT OR UPDATE OF code ON dispositions
    FOR EACH ROW EXECUTE FUNCTION recording_disposed();

-- Recordings that must not be deleted, whatever their campaign's time says: one, or all of a contact.
CREATE TABLE recording_holds (
    id          uuid PRIMARY KEY,
    attempt_id  uuid,
    contact_id  uuid,
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    by_user     uuid,
    at          timestamptz NOT NULL DEFAULT now(),
    released_at timestamptz,
    released_by uuid,
    released_why text NOT NULL DEFAULT '',
    CHECK (num_nonnulls(attempt_id, contact_id) = 1)
);
CREATE UNIQUE INDEX recording_holds_attempt ON recording_holds (attempt_id) WHERE released_at IS NULL AND attempt_id IS NOT NULL;
CREATE UNIQUE INDEX recording_holds_contact ON recording_holds (contact_id) WHERE released_at IS NULL AND contact_id IS NOT NULL;

-- Signs links to single recordings; made by the first process that needs it.
CREATE TABLE recording_link_keys (
    id  int PRIMARY KEY CHECK (id = 1),
    key bytea NOT NULL CHECK (length(key) = 32)
);

ALTER TABLE recording_deletions ADD COLUMN opus_path text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE recording_deletions DROP COLUMN opus_path;
DROP TABLE recording_link_keys;
DROP TABLE recording_holds;
DROP TRIGGER recordings_disposed ON dispositions;
DROP FUNCTION recording_disposed();
DROP INDEX script_answers_question, recordings_newest, recordings_agent, recordings_contact, recordings_phone, recordings_disposition,
    recordings_duration, recordings_plain, recordings_campaign;
ALTER TABLE recordings DROP COLUMN contact_id, DROP COLUMN phone, DROP COLUMN disposition, DROP COLUMN policy, DROP COLUMN percent,
    DROP COLUMN announced, DROP COLUMN began_at, DROP COLUMN paused_ms, DROP COLUMN key_id, DROP COLUMN peaks, DROP COLUMN opus_state,
    DROP COLUMN opus_tries, DROP COLUMN opus_path, DROP COLUMN opus_sha256, DROP COLUMN opus_bytes, DROP COLUMN opus_key_id,
    DROP COLUMN wav_gone_at;
CREATE INDEX recordings_campaign ON recordings (campaign_id, created_at);
DROP TABLE recording_marks;
