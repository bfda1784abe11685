-- +goose Up

-- Agents who want a supervisor's help. One that is open or taken stays through restarts.
CREATE TABLE help_requests (
    id          uuid PRIMARY KEY,                              -- made by the agent's page: asked twice it is one
    agent_id    uuid NOT NULL REFERENCES users,
    campaign_id uuid NOT NULL,
    attempt_id  uuid,                                          -- the call that he had then
    contact_id  uuid,
    text        text NOT NULL DEFAULT '' CHECK (char_length(text) <= 500),
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'taken', 'closed', 'withdrawn')),
    asked_at    timestamptz NOT NULL DEFAULT now(),
    taken_at    timestamptz,
    taken_by    uuid REFERENCES users,
    ended_at    timestamptz,
    ended_by    uuid REFERENCES users,
    answer      text NOT NULL DEFAULT '' CHECK (char_length(answer) <= 1000),
    CHECK ((state IN ('closed', 'withdrawn')) = (ended_at IS NOT NULL)),
    CHECK (state <> 'taken' OR taken_by IS NOT NULL)
);
CREATE UNIQUE INDEX help_requests_one ON help_requests (agent_id) WHERE state IN ('open', 'taken');
CREATE INDEX help_requests_asked ON help_requests (asked_at);
CREATE INDEX help_requests_contact ON help_requests (contact_id) WHERE contact_id IS NOT NULL;

-- Words between supervisors and agents. kind chat: one agent's thread, which all supervisors see; coaching: a note on a call
-- of his; notice: to a campaign's agents, a team or all, until it expires. Texts are plain.
CREATE TABLE messages (
    id          uuid PRIMARY KEY,                              -- made by the sender's page: sent twice it is one
    seq         bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind        text NOT NULL CHECK (kind IN ('chat', 'coaching', 'notice')),
    from_id     uuid NOT NULL REFERENCES users,
    agent_id    uuid REFERENCES users,                         -- whose thread, or whom the note is for
    audience    text NOT NULL DEFAULT '' CHECK (audience IN ('', 'campaign', 'team', 'all')),
    audience_id uuid,
    attempt_id  uuid,
    contact_id  uuid,
    body        text NOT NULL CHECK (char_length(body) <= 1000),
    at          timestamptz NOT NULL DEFAULT now(),
    until       timestamptz,
    CHECK ((kind = 'notice') = (agent_id IS NULL)),
    CHECK ((kind = 'notice') = (audience <> '' AND until IS NOT NULL)),
    CHECK ((audience IN ('campaign', 'team')) = (audience_id IS NOT NULL)),
    CHECK ((kind = 'coaching') = (attempt_id IS NOT NULL))
);
CREATE INDEX messages_thread ON messages (agent_id, seq) WHERE agent_id IS NOT NULL;
CREATE INDEX messages_until ON messages (until) WHERE until IS NOT NULL;
CREATE INDEX messages_attempt ON messages (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX messages_contact ON messages (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX messages_at ON messages (at);

-- To whom a message was shown, and when he had read it.
CREATE TABLE message_reads (
    message_id uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users,
    shown_at   timestamptz NOT NULL DEFAULT now(),
    read_at    timestamptz,
    PRIMARY KEY (message_id, user_id)
);
CREATE INDEX message_reads_user ON message_reads (user_id, shown_at);

-- +goose Down
DROP TABLE message_reads, messages, help_requests;
