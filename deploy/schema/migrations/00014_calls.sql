-- +goose Up

-- The right to dial one number of a campaign's allow-list for a call that is in talk: a consultation or a transfer to the
-- outside. The row is committed before the INVITE (I12), with the entry of the list that allowed it, as it was then. It is no
-- attempt: nobody of a contact list is called by it.
CREATE TABLE transfer_permits (
    id           uuid PRIMARY KEY,                              -- also the id of the outside leg's channel
    attempt_id   uuid NOT NULL,
    campaign_id  uuid NOT NULL,
    agent_id     uuid NOT NULL,                                 -- who asked
    target_name  text NOT NULL,
    number       text NOT NULL CHECK (number ~ '^[0-9+*#]{3,20}$'),
    blind        boolean NOT NULL,
    permit_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    permit_until timestamptz NOT NULL
);
CREATE INDEX transfer_permits_attempt ON transfer_permits (attempt_id);

-- Who gave a call on to whom. The attempt goes on and has one outcome; its disposition is that of the agent who talked last.
CREATE TABLE handovers (
    id          uuid PRIMARY KEY,
    attempt_id  uuid NOT NULL,
    from_agent  uuid NOT NULL,
    to_agent    uuid,                                           -- null: an outside number, or the queue
    how         text NOT NULL CHECK (how IN ('blind', 'warm', 'parked', 'queue', 'outside', 'lost')),
    at          timestamptz NOT NULL,
    code        text NOT NULL DEFAULT '',                       -- what the agent who gave it on noted of his part
    note        text NOT NULL DEFAULT '',
    noted_at    timestamptz
);
CREATE INDEX handovers_attempt ON handovers (attempt_id, from_agent);

-- +goose Down
DROP TABLE transfer_permits, handovers;
