-- +goose Up

-- Callbacks for anyone of a campaign, soonest first: agents of the campaign see and take them.
CREATE INDEX callbacks_shared ON callbacks (campaign_id, due_at) WHERE state = 'open' AND agent_id IS NULL;

-- How often an agent asked for more time in the wrap-up that his session is in, so that a restart of the server gives him no more.
ALTER TABLE agent_sessions ADD COLUMN wrap_more int NOT NULL DEFAULT 0;
-- Until when that wrap-up lasts. NULL: as its campaign says from its beginning on.
ALTER TABLE agent_sessions ADD COLUMN wrap_until timestamptz;

-- +goose Down
ALTER TABLE agent_sessions DROP COLUMN wrap_until, DROP COLUMN wrap_more;
DROP INDEX callbacks_shared;
