package api_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/lists"
)

// TestArticlesAreWrittenByManagersAndReadByAll: agents do not see drafts, and texts come back as they are.
func TestArticlesAreWrittenByManagersAndReadByAll(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	ann, _ := h.in(api.Agent)
	text := object{"title_en": "Prices", "title_zh": "价格", "body_en": "<b>50 %</b> less\n\nsecond", "body_zh": "便宜一半", "topics": []string{"Price"}, "status": "draft"}
	require.Equal(t, 403, h.call(ann, "POST", "/api/articles", text, nil).Status)
	var made, read lists.Article
	require.Nil(t, h.call(manager, "POST", "/api/articles", text, &made))
	path := "/api/articles/" + made.ID.String()
	require.Equal(t, 404, h.call(ann, "GET", path, nil, nil).Status)
	var found struct{ Items []lists.Article }
	require.Nil(t, h.call(ann, "GET", "/api/articles", nil, &found))
	require.Empty(t, found.Items)
	require.Nil(t, h.call(manager, "GET", "/api/articles", nil, &found))
	require.Len(t, found.Items, 1)
	text["status"], text["revision"] = "published", 1
	require.Nil(t, h.call(manager, "PUT", path, text, &made))
	require.Equal(t, "stale", h.call(manager, "PUT", path, text, nil).Code)
	require.Nil(t, h.call(ann, "GET", path, nil, &read))
	require.Equal(t, "<b>50 %</b> less\n\nsecond", read.BodyEN)
	require.Nil(t, h.call(ann, "GET", "/api/articles?topic=none&topic=PRICE", nil, &found))
	require.Len(t, found.Items, 1)
	require.Nil(t, h.call(ann, "GET", "/api/articles?topic=none", nil, &found))
	require.Empty(t, found.Items)
	require.Nil(t, h.call(ann, "GET", "/api/articles?topic=none&prefer=true&q="+url.QueryEscape("一半"), nil, &found))
	require.Len(t, found.Items, 1)
	require.Equal(t, 403, h.call(ann, "DELETE", path, nil, nil).Status)
	require.Nil(t, h.call(manager, "DELETE", path, nil, nil))
	require.Equal(t, 404, h.call(manager, "DELETE", path, nil, nil).Status)
	require.Positive(t, h.audited("article.update"))
}
