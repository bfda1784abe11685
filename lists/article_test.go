package lists_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func TestArticlesAreFoundInBothLanguagesAndByTopic(t *testing.T) {
	l := newLedger(t)
	put := func(a lists.Article) lists.Article {
		made, err := l.CreateArticle(t.Context(), a)
		require.NoError(t, err)
		return made
	}
	price := put(lists.Article{TitleEN: "Prices and discounts", TitleZH: "价格与折扣", BodyEN: "The yearly plan costs 50% less.\n\nNever promise refunds.", BodyZH: "年度套餐便宜一半。", Topics: []string{" Price ", "price", "合约"}, Status: lists.ArticlePublished})
	require.Equal(t, []string{"price", "合约"}, price.Topics)
	privacy := put(lists.Article{TitleEN: "Privacy", BodyEN: "Where the number came from, and the price of data.", Topics: []string{"privacy"}, Status: lists.ArticlePublished})
	draft := put(lists.Article{TitleZH: "退款说明", BodyZH: "退款须由主管批准。", Status: lists.ArticleDraft})
	find := func(f lists.ArticleFilter) (ids []uuid.UUID) {
		found, err := l.Articles(t.Context(), f)
		require.NoError(t, err)
		for _, a := range found {
			ids = append(ids, a.ID)
		}
		return ids
	}
	both := []uuid.UUID{price.ID, privacy.ID}
	require.ElementsMatch(t, both, find(lists.ArticleFilter{}))
	require.Equal(t, both, find(lists.ArticleFilter{Words: "PRICE"}), "the title before the text")
	require.Equal(t, both[:1], find(lists.ArticleFilter{Words: "discounted refund"}), "other forms of the words")
	require.Equal(t, both[:1], find(lists.ArticleFilter{Words: "折扣"}))
	require.Equal(t, both[:1], find(lists.ArticleFilter{Words: "50%"}))
	require.Empty(t, find(lists.ArticleFilter{Words: "5_%"}), "signs of patterns stand for themselves")
	require.Empty(t, find(lists.ArticleFilter{Words: "退款"}), "a draft")
	require.Equal(t, []uuid.UUID{draft.ID}, find(lists.ArticleFilter{Words: "退款", Drafts: true}))
	require.Equal(t, both[1:], find(lists.ArticleFilter{Topics: []string{"Privacy"}}))
	require.Equal(t, []uuid.UUID{privacy.ID, price.ID}, find(lists.ArticleFilter{Topics: []string{"privacy"}, Prefer: true}))
	require.Equal(t, []uuid.UUID{privacy.ID, price.ID}, find(lists.ArticleFilter{Topics: []string{"privacy"}, Words: "price"}))
	require.ElementsMatch(t, both, find(lists.ArticleFilter{Words: "the"}), "a word without a stem")
	require.Len(t, find(lists.ArticleFilter{Limit: 1}), 1)

	draft.Status = lists.ArticlePublished
	newer, err := l.UpdateArticle(t.Context(), draft)
	require.NoError(t, err)
	require.Equal(t, 2, newer.Revision)
	_, err = l.UpdateArticle(t.Context(), draft)
	require.ErrorIs(t, err, lists.ErrStale)
	require.Equal(t, []uuid.UUID{draft.ID}, find(lists.ArticleFilter{Words: "退款"}))
	require.NoError(t, l.DeleteArticle(t.Context(), draft.ID))
	require.ErrorIs(t, l.DeleteArticle(t.Context(), draft.ID), lists.ErrNotFound)
	_, err = l.UpdateArticle(t.Context(), newer)
	require.ErrorIs(t, err, lists.ErrNotFound)

	var input *lists.InputError
	for field, bad := range map[string]lists.Article{
		"title_en": {Status: lists.ArticleDraft}, "title_zh": {TitleZH: strings.Repeat("长", 201), Status: lists.ArticleDraft},
		"body_en": {TitleEN: "x", Status: lists.ArticlePublished}, "status": {TitleEN: "x"},
		"topics": {TitleEN: "x", Status: lists.ArticleDraft, Topics: strings.Split("a b c d e f g h i j k l m n o p q r s t u", " ")},
	} {
		_, err := l.CreateArticle(t.Context(), bad)
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, field, input.Field)
	}
}
