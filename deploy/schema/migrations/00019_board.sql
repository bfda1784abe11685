-- +goose Up

-- What was changed in a campaign, field by field, in the transaction of the change. The audit log holds the same for proof; this
-- is what pages and charts read.
CREATE TABLE campaign_changes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       uuid,                                          -- null: the system
    field       text NOT NULL,                                 -- name, status, list_ids, settings.mode, ...
    was         jsonb NOT NULL,                                -- null: it was not set
    becomes     jsonb NOT NULL
);
CREATE INDEX campaign_changes_newest ON campaign_changes (campaign_id, id DESC);
CREATE INDEX campaign_changes_at ON campaign_changes (at);

-- How somebody looks at the board: columns, filters, order, thresholds. The page knows what is in the body.
CREATE TABLE board_views (
    id         uuid PRIMARY KEY,
    owner      uuid NOT NULL REFERENCES users,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    shared     boolean NOT NULL DEFAULT false,
    body       jsonb NOT NULL,
    revision   int NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX board_views_name ON board_views (owner, lower(name));
CREATE INDEX board_views_shared ON board_views (name) WHERE shared;

-- One row for each time that something was wrong. At most one of a kind and object is open.
CREATE TABLE alerts (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    object     text NOT NULL,                                  -- trunk:<id>, campaign:<id>, node:<name>, ...
    name       text NOT NULL DEFAULT '',                       -- of the object, as it was
    severity   text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    code       text NOT NULL,                                  -- which words say it
    args       jsonb NOT NULL DEFAULT '{}',
    raised_at  timestamptz NOT NULL,
    cleared_at timestamptz,
    acked_at   timestamptz,
    acked_by   uuid REFERENCES users,
    CHECK ((acked_at IS NULL) = (acked_by IS NULL))
);
CREATE UNIQUE INDEX alerts_open ON alerts (kind, object) WHERE cleared_at IS NULL;
CREATE INDEX alerts_newest ON alerts (raised_at DESC, id DESC);

-- Where facts are posted to. The secret signs the posts and is never shown again.
CREATE TABLE webhooks (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 60),
    url        text NOT NULL CHECK (char_length(url) BETWEEN 1 AND 2000),
    secret     bytea NOT NULL CHECK (length(secret) BETWEEN 24 AND 64),
    topics     text[] NOT NULL,
    enabled    boolean NOT NULL DEFAULT true,
    revision   int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    delivered  bigint NOT NULL DEFAULT 0,
    last_ok    timestamptz,
    last_error text NOT NULL DEFAULT '',
    failing    timestamptz                                     -- since when nothing goes through
);

-- Posts that are not delivered, in the order in which they must be. A post of an outbox row has no body of its own.
CREATE TABLE webhook_posts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    message_id text NOT NULL,                                  -- the same at every try, for the receiver to know it again
    outbox_id  bigint,
    topic      text NOT NULL,
    body       jsonb,
    at         timestamptz NOT NULL DEFAULT now(),
    tries      int NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT 'epoch',           -- not before; at once, whatever the clocks of others say
    dead_at    timestamptz,
    error      text NOT NULL DEFAULT '',
    CHECK ((outbox_id IS NULL) <> (body IS NULL))
);
CREATE INDEX webhook_posts_waiting ON webhook_posts (webhook_id, id) WHERE dead_at IS NULL;
CREATE INDEX webhook_posts_dead ON webhook_posts (webhook_id, id DESC) WHERE dead_at IS NOT NULL;

-- Posts are made in the transaction of the fact, so that none is lost and none is made of a fact that never was. Without
-- endpoints it costs a look at an empty table.
-- +goose StatementBegin
CREATE FUNCTION make_webhook_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_posts (webhook_id, message_id, outbox_id, topic)
        SELECT w.id, 'fact_' || f.id, f.id, f.topic FROM made f JOIN webhooks w ON w.enabled AND f.topic = ANY (w.topics) ORDER BY f.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER outbox_posts AFTER INSERT ON outbox REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION make_webhook_posts();

-- +goose Down
DROP TRIGGER outbox_posts ON outbox;
DROP FUNCTION make_webhook_posts();
DROP TABLE webhook_posts, webhooks, alerts, board_views, campaign_changes;
