package lists

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// States of an [Article].
const (
	ArticleDraft     = "draft"
	ArticlePublished = "published"
)

// Article is a text of the knowledge base that agents look up in calls. Its texts are plain: paragraphs are parted by empty lines. One language
// may be missing.
type Article struct {
	ID        uuid.UUID  `json:"id"`
	TitleEN   string     `json:"title_en"`
	TitleZH   string     `json:"title_zh"`
	BodyEN    string     `json:"body_en"`
	BodyZH    string     `json:"body_zh"`
	Topics    []string   `json:"topics" nullable:"false" doc:"words by which pages of scripts pick it"`
	Status    string     `json:"status" enum:"draft,published" doc:"agents and supervisors see published ones only"`
	Revision  int        `json:"revision" doc:"grows with each change; send it back with an update"`
	UpdatedAt time.Time  `json:"updated_at"`
	UpdatedBy *uuid.UUID `json:"updated_by"`
}

const (
	maxArticleTitle = 200
	maxArticleBody  = 20000
	maxTopics       = 20
	maxTopic        = 60
	maxQueryWords   = 8
)

const articleSQL = `SELECT id, title_en, title_zh, body_en, body_zh, topics, status, revision, updated_at, updated_by FROM articles `

// ArticleFilter chooses articles. Those that have most of the topics come first, then by how well they fit the words.
type ArticleFilter struct {
	Words  string   // each of them must be there: as an English word in any form, or as it stands in either language
	Topics []string // any of them; with Words or Prefer they only bring an article to the front
	Prefer bool     // topics do not leave others out
	Drafts bool     // drafts, too
	Limit  int
}

// Articles searches the knowledge base.
func (s *Store) Articles(ctx context.Context, f ArticleFilter) ([]Article, error) {
	if f.Limit < 1 || f.Limit > 200 {
		f.Limit = 50
	}
	topics := foldTopics(f.Topics)
	args := []any{f.Drafts, topics, len(topics) > 0 && !f.Prefer && strings.TrimSpace(f.Words) == ""}
	where := `WHERE ($1 OR status = 'published') AND (NOT $3::boolean OR topics && $2)`
	words := strings.Fields(strings.ToLower(CleanText(f.Words, 200)))
	for _, w := range words[:min(len(words), maxQueryWords)] {
		args = append(args, w, "%"+likeEscape(w)+"%")
		where += fmt.Sprintf(` AND (words @@ plainto_tsquery('english', $%d) AND numnode(plainto_tsquery('english', $%[1]d)) > 0 OR plain LIKE $%d)`, len(args)-1, len(args))
	}
	args = append(args, strings.Join(words, " "), f.Limit)
	order := fmt.Sprintf(` ORDER BY cardinality(ARRAY(SELECT unnest(topics) INTERSECT SELECT unnest($2::text[]))) DESC,
		ts_rank(words, plainto_tsquery('english', $%d)) + CASE WHEN $%[1]d <> '' AND position($%[1]d IN lower(title_en || ' ' || title_zh)) > 0 THEN 1 ELSE 0 END DESC,
		coalesce(nullif(title_en, ''), title_zh), id LIMIT $%d`, len(args)-1, len(args))
	rows, err := s.pool.Query(ctx, articleSQL+where+order, args...)
	if err != nil {
		return nil, fmt.Errorf("articles: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Article])
	if err != nil {
		return nil, fmt.Errorf("articles: %w", err)
	}
	return out, nil
}

// foldTopics makes topics comparable: what differs by case or space only is the same.
func foldTopics(topics []string) []string {
	out := []string{}
	for _, t := range topics {
		if t = strings.ToLower(CleanText(t, maxTopic)); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// Article returns one article, or ErrNotFound.
func (s *Store) Article(ctx context.Context, id uuid.UUID) (Article, error) {
	rows, err := s.pool.Query(ctx, articleSQL+`WHERE id = $1`, id)
	if err != nil {
		return Article{}, fmt.Errorf("article %s: %w", id, err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Article])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Article{}, fmt.Errorf("article %s: %w", id, err)
	}
	return a, nil
}

// clean bounds the texts and refuses what cannot be read.
func (a *Article) clean() error {
	for _, x := range []struct {
		field string
		text  *string
		most  int
	}{{"title_en", &a.TitleEN, maxArticleTitle}, {"title_zh", &a.TitleZH, maxArticleTitle}, {"body_en", &a.BodyEN, maxArticleBody}, {"body_zh", &a.BodyZH, maxArticleBody}} {
		if utf8.RuneCountInString(*x.text) > x.most {
			return &InputError{x.field, fmt.Sprintf("must have at most %d characters: shorten it", x.most)}
		}
		*x.text = cleanLines(*x.text, x.most)
	}
	a.TitleEN, a.TitleZH = CleanText(a.TitleEN, maxArticleTitle), CleanText(a.TitleZH, maxArticleTitle)
	if a.TitleEN == "" && a.TitleZH == "" {
		return &InputError{"title_en", "must have a title in one of the languages"}
	}
	if a.Topics = foldTopics(a.Topics); len(a.Topics) > maxTopics {
		return &InputError{"topics", fmt.Sprintf("must be at most %d", maxTopics)}
	}
	if a.Status != ArticleDraft && a.Status != ArticlePublished {
		return &InputError{"status", "must be draft or published"}
	}
	if a.Status == ArticlePublished && a.BodyEN == "" && a.BodyZH == "" {
		return &InputError{"body_en", "must have a text in one of the languages before it is published"}
	}
	return nil
}

// CreateArticle stores an article. Errors: *InputError (title_en, title_zh, body_en, body_zh, topics, status).
func (s *Store) CreateArticle(ctx context.Context, a Article) (Article, error) {
	if err := a.clean(); err != nil {
		return Article{}, err
	}
	a.ID, a.Revision = newID(), 1
	err := s.pool.QueryRow(ctx, `INSERT INTO articles (id, title_en, title_zh, body_en, body_zh, topics, status, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		RETURNING updated_at`, a.ID, a.TitleEN, a.TitleZH, a.BodyEN, a.BodyZH, a.Topics, a.Status, a.UpdatedBy).Scan(&a.UpdatedAt)
	if err != nil {
		return Article{}, fmt.Errorf("create article: %w", err)
	}
	return a, nil
}

// UpdateArticle changes an article whose revision is still the newest. Errors: ErrStale, ErrNotFound, *InputError as CreateArticle.
func (s *Store) UpdateArticle(ctx context.Context, a Article) (Article, error) {
	if err := a.clean(); err != nil {
		return Article{}, err
	}
	err := s.pool.QueryRow(ctx, `UPDATE articles SET title_en = $3, title_zh = $4, body_en = $5, body_zh = $6, topics = $7, status = $8, updated_by = $9,
		updated_at = now(), revision = revision + 1 WHERE id = $1 AND revision = $2 RETURNING revision, updated_at`,
		a.ID, a.Revision, a.TitleEN, a.TitleZH, a.BodyEN, a.BodyZH, a.Topics, a.Status, a.UpdatedBy).Scan(&a.Revision, &a.UpdatedAt)
	if noRows(err) {
		if _, err := s.Article(ctx, a.ID); errors.Is(err, ErrNotFound) {
			return Article{}, err
		}
		err = ErrStale
	}
	if err != nil {
		return Article{}, fmt.Errorf("update article %s: %w", a.ID, err)
	}
	return a, nil
}

// DeleteArticle takes an article away. ErrNotFound: there is none.
func (s *Store) DeleteArticle(ctx context.Context, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM articles WHERE id = $1`, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("delete article %s: %w", id, err)
	}
	return nil
}
