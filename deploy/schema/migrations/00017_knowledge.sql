-- +goose Up

-- Articles that agents read during calls. Texts are plain; whoever shows them escapes them.
CREATE TABLE articles (
    id         uuid PRIMARY KEY,
    title_en   text NOT NULL DEFAULT '' CHECK (char_length(title_en) <= 200),
    title_zh   text NOT NULL DEFAULT '' CHECK (char_length(title_zh) <= 200),
    body_en    text NOT NULL DEFAULT '' CHECK (char_length(body_en) <= 20000),
    body_zh    text NOT NULL DEFAULT '' CHECK (char_length(body_zh) <= 20000),
    topics     text[] NOT NULL DEFAULT '{}',
    status     text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published')),
    revision   int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by uuid REFERENCES users,
    -- English is found by stems, titles before bodies. What has no spaces between words is found as it stands, in plain.
    words      tsvector NOT NULL GENERATED ALWAYS AS (setweight(to_tsvector('english', title_en), 'A') || setweight(to_tsvector('english', body_en), 'C')) STORED,
    plain      text NOT NULL GENERATED ALWAYS AS (lower(title_en || E'\n' || title_zh || E'\n' || body_en || E'\n' || body_zh)) STORED,
    CHECK (title_en <> '' OR title_zh <> '')
);
CREATE INDEX articles_words ON articles USING gin (words);
CREATE INDEX articles_topics ON articles USING gin (topics);

-- +goose Down
DROP TABLE articles;
