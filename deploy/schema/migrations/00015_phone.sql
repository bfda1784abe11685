-- +goose Up

-- What an account's phone is: a SIP phone that registers by itself as users.endpoint, or the softphone in the agent's page,
-- whose endpoint is made from the account's id, so that two accounts cannot have the same.
ALTER TABLE users ADD COLUMN phone_kind text NOT NULL DEFAULT 'sip' CHECK (phone_kind IN ('sip', 'webrtc'));
ALTER TABLE users ADD CONSTRAINT users_browser_endpoint
    CHECK ((phone_kind = 'webrtc') = (endpoint ~ '^web-[0-9a-f]{32}$'));

-- The secret by which a softphone registers, of one sign-in: it goes with that. Only what the switch needs to check it is
-- kept, the digest of name, realm and secret (RFC 7616's A1), so that it can be put back after a restart of the switch.
CREATE TABLE phone_secrets (
    user_id    uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    token      text NOT NULL REFERENCES sessions ON DELETE CASCADE, -- hashed, of the sign-in
    digest     text NOT NULL CHECK (digest ~ '^[0-9a-f]{32}$'),
    made_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX phone_secrets_of_sign_in ON phone_secrets (token);

-- +goose Down
DROP TABLE phone_secrets;
ALTER TABLE users DROP CONSTRAINT users_browser_endpoint, DROP COLUMN phone_kind;
