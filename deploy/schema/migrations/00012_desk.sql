-- +goose Up

-- What a disposition said of its call when it was given: codes may be changed later.
ALTER TABLE dispositions
    ADD COLUMN contacted      boolean NOT NULL DEFAULT false,
    ADD COLUMN right_party    boolean NOT NULL DEFAULT false,
    ADD COLUMN success        boolean NOT NULL DEFAULT false,
    ADD COLUMN refusal        boolean NOT NULL DEFAULT false,
    ADD COLUMN follow_up_kind text NOT NULL DEFAULT '',        -- as the code names it
    ADD COLUMN follow_up      text NOT NULL DEFAULT '';        -- as the agent wrote it
UPDATE dispositions d SET
    success = coalesce((k.code->>'success')::boolean, false),
    right_party = coalesce((k.code->>'success')::boolean, false),
    refusal = d.effect = 'dnc' OR coalesce((k.code->>'refusal')::boolean, false),
    contacted = d.effect IN ('dnc', 'callback') OR coalesce((k.code->>'success')::boolean OR (k.code->>'refusal')::boolean, false)
FROM campaigns c, jsonb_array_elements(c.settings->'dispositions') AS k(code)
WHERE c.id = d.campaign_id AND k.code->>'code' = d.code;
CREATE INDEX dispositions_agent ON dispositions (agent_id, at);

-- What an agent has typed and not sent: notes, choices, answers under way. One row for each call, gone with its disposition.
CREATE TABLE desk_drafts (
    attempt_id uuid PRIMARY KEY,
    agent_id   uuid NOT NULL,
    drafts     jsonb NOT NULL,                                 -- key -> text
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX desk_drafts_at ON desk_drafts (at);

-- Contacts that were offered to an agent and that he did not want to call.
CREATE TABLE preview_skips (
    offer_id    uuid PRIMARY KEY,
    campaign_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    agent_id    uuid NOT NULL,
    reason      text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX preview_skips_contact ON preview_skips (contact_id, at);

-- Own callbacks that come soon, over all campaigns of an agent: reminders ask each half minute.
CREATE INDEX callbacks_own ON callbacks (agent_id, due_at) WHERE state = 'open' AND agent_id IS NOT NULL;

-- Sums of agents' days ask for a campaign's sessions of the day.
CREATE INDEX agent_sessions_campaign ON agent_sessions (campaign_id, started_at);
CREATE INDEX agent_state_log_session ON agent_state_log (session_id, at);

-- Who calls whom. An inbound attempt is none in the sense of the rules: it uses up no attempts, no caps and no abandonment.
ALTER TABLE open_attempts ADD COLUMN direction text NOT NULL DEFAULT 'outbound' CHECK (direction IN ('outbound', 'inbound'));
ALTER TABLE attempts ADD COLUMN direction text NOT NULL DEFAULT 'outbound' CHECK (direction IN ('outbound', 'inbound'));

-- +goose Down
ALTER TABLE attempts DROP COLUMN direction;
ALTER TABLE open_attempts DROP COLUMN direction;
DROP INDEX agent_state_log_session, agent_sessions_campaign, callbacks_own;
DROP TABLE preview_skips, desk_drafts;
DROP INDEX dispositions_agent;
ALTER TABLE dispositions DROP COLUMN contacted, DROP COLUMN right_party, DROP COLUMN success, DROP COLUMN refusal,
    DROP COLUMN follow_up_kind, DROP COLUMN follow_up;
