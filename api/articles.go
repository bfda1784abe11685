package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func articleRoutes() []route {
	manage := only(ListManager)
	const size = 256 << 10
	return []route{
		{method: "GET", path: "/api/articles", id: "list-articles", tag: "Knowledge", summary: "Search the knowledge base by words and topics; only those who manage it see drafts", access: signedIn(), serve: op((*Server).articles)},
		{method: "GET", path: "/api/articles/{id}", id: "get-article", tag: "Knowledge", summary: "One article", access: signedIn(), errors: []int{404}, serve: op((*Server).article)},
		{method: "POST", path: "/api/articles", id: "create-article", tag: "Knowledge", summary: "Write an article", access: manage, body: size, status: 201, errors: []int{422}, serve: op((*Server).postArticle)},
		{method: "PUT", path: "/api/articles/{id}", id: "update-article", tag: "Knowledge", summary: "Change, publish or withdraw an article; the revision must be the newest", access: manage, body: size, errors: []int{404, 409, 422}, serve: op((*Server).putArticle)},
		{method: "DELETE", path: "/api/articles/{id}", id: "delete-article", tag: "Knowledge", summary: "Delete an article", access: manage, errors: []int{404}, serve: op((*Server).deleteArticle)},
	}
}

// writes says whether the user sees drafts.
func writes(u User) bool { return u.Role == ListManager || u.Role == Admin }

type articlesInput struct {
	Q      string   `query:"q" maxLength:"200" doc:"words; each must be there, in any form of the word or as it stands"`
	Topics []string `query:"topic,explode" maxItems:"20" doc:"may be repeated; articles that have most of them come first"`
	Prefer bool     `query:"prefer" doc:"topics only bring articles to the front and leave none out; so it is with q, too"`
	Limit  int      `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) articles(ctx context.Context, in *articlesInput) (*body[page[lists.Article]], error) {
	found, err := s.opts.Store.Articles(ctx, lists.ArticleFilter{Words: in.Q, Topics: in.Topics, Prefer: in.Prefer, Drafts: writes(userOf(ctx)), Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

func (s *Server) article(ctx context.Context, in *ByID) (*body[lists.Article], error) {
	a, err := s.opts.Store.Article(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if a.Status != lists.ArticlePublished && !writes(userOf(ctx)) {
		return nil, notFound("article")
	}
	return &body[lists.Article]{a}, nil
}

// ArticleText is what somebody writes of an article.
type ArticleText struct {
	TitleEN string   `json:"title_en" maxLength:"200"`
	TitleZH string   `json:"title_zh" maxLength:"200"`
	BodyEN  string   `json:"body_en" maxLength:"20000" doc:"plain text; an empty line begins a paragraph"`
	BodyZH  string   `json:"body_zh" maxLength:"20000"`
	Topics  []string `json:"topics" maxItems:"20" nullable:"false"`
	Status  string   `json:"status" enum:"draft,published"`
}

func (t ArticleText) of(ctx context.Context, id uuid.UUID, revision int) lists.Article {
	return lists.Article{ID: id, TitleEN: t.TitleEN, TitleZH: t.TitleZH, BodyEN: t.BodyEN, BodyZH: t.BodyZH, Topics: t.Topics, Status: t.Status, Revision: revision, UpdatedBy: actorOf(ctx)}
}

type postArticleInput struct{ Body ArticleText }

func (s *Server) postArticle(ctx context.Context, in *postArticleInput) (*body[lists.Article], error) {
	a, err := s.opts.Store.CreateArticle(ctx, in.Body.of(ctx, uuid.Nil, 0))
	if err != nil {
		return nil, err
	}
	return &body[lists.Article]{a}, nil
}

type putArticleInput struct {
	ByID
	Body struct {
		ArticleText
		Revision int `json:"revision" minimum:"1"`
	}
}

func (s *Server) putArticle(ctx context.Context, in *putArticleInput) (*body[lists.Article], error) {
	if err := s.audit(ctx, "article.update", "article", in.ID.String(), map[string]any{"revision": in.Body.Revision, "status": in.Body.Status}); err != nil {
		return nil, err
	}
	a, err := s.opts.Store.UpdateArticle(ctx, in.Body.of(ctx, in.ID, in.Body.Revision))
	if err != nil {
		return nil, err
	}
	return &body[lists.Article]{a}, nil
}

func (s *Server) deleteArticle(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "article.delete", "article", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.opts.Store.DeleteArticle(ctx, in.ID)
}
