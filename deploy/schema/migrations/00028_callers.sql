-- +goose Up

-- The numbers that calls over a trunk may show, in E.164. None: any.
ALTER TABLE trunks ADD COLUMN caller_ids text[] NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE trunks DROP COLUMN caller_ids;
