-- +goose Up

-- What reports know of sales: each counts in full at the first of its calls, which is of its campaign and stays the first.
ALTER TABLE report_slots
    ADD COLUMN sale_successes  int NOT NULL DEFAULT 0,         -- successes whose calls have a sale, whatever became of it
    ADD COLUMN sales           int NOT NULL DEFAULT 0,         -- won
    ADD COLUMN sold            bigint NOT NULL DEFAULT 0,      -- their amounts, in the smallest unit of the currency of the campaign's costs
    ADD COLUMN sales_elsewhere int NOT NULL DEFAULT 0;         -- won in another currency: not in sold
ALTER TABLE report_days
    ADD COLUMN sale_successes  int NOT NULL DEFAULT 0,
    ADD COLUMN sales           int NOT NULL DEFAULT 0,
    ADD COLUMN sold            bigint NOT NULL DEFAULT 0,
    ADD COLUMN sales_elsewhere int NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE FUNCTION report_dirty_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO report_dirty (attempt_id) SELECT attempt_id FROM sale_attempts WHERE sale_id = NEW.id;
    RETURN NULL;
END $$;
-- Another call may be the first one when one comes or goes.
CREATE FUNCTION report_dirty_sale_call() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_of sale_attempts := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    INSERT INTO report_dirty (attempt_id) SELECT is_of.attempt_id UNION SELECT attempt_id FROM sale_attempts WHERE sale_id = is_of.sale_id;
    RETURN NULL;
END $$;
CREATE FUNCTION report_dirty_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO report_dirty (attempt_id) SELECT a.attempt_id FROM sales s JOIN sale_attempts a ON a.sale_id = s.id WHERE s.stage_id = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sales_dirty AFTER UPDATE ON sales FOR EACH ROW
    WHEN ((OLD.stage_id, OLD.amount, OLD.currency) IS DISTINCT FROM (NEW.stage_id, NEW.amount, NEW.currency)) EXECUTE FUNCTION report_dirty_sale();
CREATE TRIGGER sale_attempts_dirty AFTER INSERT OR DELETE ON sale_attempts FOR EACH ROW EXECUTE FUNCTION report_dirty_sale_call();
CREATE TRIGGER sale_stages_dirty AFTER UPDATE ON sale_stages FOR EACH ROW
    WHEN (OLD.kind IS DISTINCT FROM NEW.kind) EXECUTE FUNCTION report_dirty_stage();
CREATE INDEX sales_stage ON sales (stage_id);
-- What is there already is summed up by the next look.
INSERT INTO report_dirty (attempt_id) SELECT DISTINCT attempt_id FROM sale_attempts;

-- The message for a callee whom nobody attends to is on record like the announcement of a recording: which sound, when it began, and the
-- SHA-256 of its files where the dialer can read them (detail: announce, files).
ALTER TABLE recording_marks DROP CONSTRAINT recording_marks_kind_check,
    ADD CONSTRAINT recording_marks_kind_check CHECK (kind IN ('begun', 'announced', 'unannounced', 'paused', 'resumed', 'started', 'stopped', 'played'));

-- +goose Down
DELETE FROM recording_marks WHERE kind = 'played';
ALTER TABLE recording_marks DROP CONSTRAINT recording_marks_kind_check,
    ADD CONSTRAINT recording_marks_kind_check CHECK (kind IN ('begun', 'announced', 'unannounced', 'paused', 'resumed', 'started', 'stopped'));
DROP INDEX sales_stage;
DROP TRIGGER sale_stages_dirty ON sale_stages;
DROP TRIGGER sale_attempts_dirty ON sale_attempts;
DROP TRIGGER sales_dirty ON sales;
DROP FUNCTION report_dirty_sale(), report_dirty_sale_call(), report_dirty_stage();
ALTER TABLE report_days DROP COLUMN sale_successes, DROP COLUMN sales, DROP COLUMN sold, DROP COLUMN sales_elsewhere;
ALTER TABLE report_slots DROP COLUMN sale_successes, DROP COLUMN sales, DROP COLUMN sold, DROP COLUMN sales_elsewhere;
