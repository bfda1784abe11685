package api

import (
	"net/http"
	"time"
)

// table is every path that this server has, with who may call it. Admins may call all that is not public.
func table() []route {
	var all []route
	for _, part := range [][]route{accountRoutes(), listRoutes(), importRoutes(), listOpRoutes(), progressRoutes(), segmentRoutes(), campaignRoutes(), scriptRoutes(), assignRoutes(), tagRoutes(), simulationRoutes(), personRoutes(), callRoutes(), ownRoutes(), ruleRoutes(), chanceRoutes(), phoneRoutes(), deskRoutes(), callbackRoutes(), articleRoutes(), boardRoutes(), helpRoutes(), messageRoutes(), reportRoutes(), evidenceRoutes(), tapeRoutes(), saleRoutes(), experimentRoutes(), watchRoutes(), qualityRoutes(), calibrationRoutes(), coachingRoutes(), qualityFileRoutes(), reportTableRoutes()} {
		all = append(all, part...)
	}
	return all
}

func accountRoutes() []route {
	return []route{
		{method: "POST", path: "/api/login", id: "login", tag: "Session", summary: "Sign in", access: anyone(), errors: []int{401, 429}, serve: op((*Server).login)},
		{method: "POST", path: "/api/logout", id: "logout", tag: "Session", summary: "Sign out: the session ends on the server", access: signedIn(), serve: op((*Server).logout)},
		{method: "GET", path: "/api/me", id: "get-me", tag: "Session", summary: "Who am I", access: signedIn(), serve: op((*Server).me)},
		{method: "PUT", path: "/api/me", id: "put-me", tag: "Session", summary: "Choose my language", access: signedIn(), serve: op((*Server).putMe)},
		{method: "PUT", path: "/api/me/password", id: "put-my-password", tag: "Session", summary: "Change my password; all my sessions end", access: signedIn(), errors: []int{429}, serve: op((*Server).putPassword)},
		{method: "GET", path: "/api/users", id: "list-users", tag: "Users", summary: "All accounts", access: only(), serve: op((*Server).users)},
		{method: "POST", path: "/api/users", id: "create-user", tag: "Users", summary: "Make an account", access: only(), status: 201, errors: []int{409}, serve: op((*Server).postUser)},
		{method: "PUT", path: "/api/users/{id}", id: "update-user", tag: "Users", summary: "Change an account: name, role, password, disable", access: only(), errors: []int{404, 409}, serve: op((*Server).putUser)},
		{method: "DELETE", path: "/api/users/{id}/sessions", id: "end-sessions", tag: "Users", summary: "End every session of a user", access: only(), errors: []int{404}, serve: op((*Server).deleteSessions)},
		{method: "GET", path: "/api/audit", id: "list-audit", tag: "Audit", summary: "Acts that are answered for, newest first", access: only(), serve: op((*Server).audits)},
		{method: "GET", path: "/api/audit/check", id: "check-audit", tag: "Audit", summary: "Check the hash chain of the audit log", access: only(), timeout: time.Minute, serve: op((*Server).checkAudit)},
	}
}

func listRoutes() []route {
	return []route{
		{method: "GET", path: "/api/lists", id: "list-lists", tag: "Lists", summary: "All lists with their counts", access: only(ListManager, Supervisor), serve: op((*Server).lists)},
		{method: "POST", path: "/api/lists", id: "create-list", tag: "Lists", summary: "Make an empty list", access: only(ListManager), status: 201, errors: []int{409}, serve: op((*Server).postList)},
		{method: "GET", path: "/api/lists/{id}", id: "get-list", tag: "Lists", summary: "One list with its counts", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).list)},
		{method: "GET", path: "/api/lists/{id}/contacts", id: "list-contacts", tag: "Lists", summary: "Contacts of a list, in its order", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).contacts)},
		{method: "POST", path: "/api/lists/{id}/imports", id: "create-import", tag: "Lists", summary: "Load a file of contacts into a list", access: only(ListManager), body: -1, timeout: -1, errors: []int{400, 404, 408, 413, 415, 422}, serve: raw((*Server).postImport, documentUpload)},
		{method: "GET", path: "/api/lists/{id}/imports", id: "list-imports", tag: "Lists", summary: "Files loaded into a list, newest first", access: only(ListManager), errors: []int{404}, serve: op((*Server).listImports)},
		{method: "GET", path: "/api/imports/{id}", id: "get-import", tag: "Lists", summary: "How far the loading of a file is", access: only(ListManager), errors: []int{404}, serve: op((*Server).getImport)},
		{method: "GET", path: "/api/imports/{id}/rejects", id: "list-rejects", tag: "Lists", summary: "Rows that were not taken, and why", access: only(ListManager), timeout: 5 * time.Minute, errors: []int{404, 422}, serve: raw((*Server).getRejects, documentRejects)},
	}
}

func campaignRoutes() []route {
	return []route{
		{method: "GET", path: "/api/trunks", id: "list-trunks", tag: "Trunks", summary: "Ways out to the telephone network", access: only(ListManager, Supervisor), serve: op((*Server).trunks)},
		{method: "POST", path: "/api/trunks", id: "create-trunk", tag: "Trunks", summary: "Add a trunk", access: only(), status: 201, errors: []int{409}, serve: op((*Server).postTrunk)},
		{method: "PUT", path: "/api/trunks/{id}", id: "update-trunk", tag: "Trunks", summary: "Change a trunk: only the fields that are given; running campaigns take it within a second", access: only(), errors: []int{404, 409}, serve: op((*Server).putTrunk)},
		{method: "GET", path: "/api/campaigns", id: "list-campaigns", tag: "Campaigns", summary: "All campaigns; agents get those they can log in to, id and name only", access: signedIn(), serve: op((*Server).campaigns)},
		{method: "POST", path: "/api/campaigns", id: "create-campaign", tag: "Campaigns", summary: "Make a campaign, paused", access: only(ListManager), body: 256 << 10, status: 201, errors: []int{409}, serve: op((*Server).postCampaign)},
		{method: "GET", path: "/api/campaigns/{id}", id: "get-campaign", tag: "Campaigns", summary: "One campaign", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).campaign)},
		{method: "PUT", path: "/api/campaigns/{id}", id: "update-campaign", tag: "Campaigns", summary: "Change a campaign; the revision must be the newest", access: only(ListManager), body: 256 << 10, errors: []int{404, 409}, serve: op((*Server).putCampaign)},
		{method: "POST", path: "/api/campaigns/{id}/status", id: "set-campaign-status", tag: "Campaigns", summary: "Start, pause, drain or stop a campaign", access: only(ListManager, Supervisor), errors: []int{404, 409}, serve: op((*Server).postStatus)},
		{method: "GET", path: "/api/campaigns/{id}/summary", id: "get-campaign-summary", tag: "Campaigns", summary: "Where the campaign's contacts are and how its attempts ended", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).summary)},
		{method: "GET", path: "/api/campaigns/{id}/pacing", id: "get-campaign-pacing", tag: "Campaigns", summary: "Why so many lines now: the pacing decision, its reason, and the last 15 minutes with forecasts against what came", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).pacing)},
	}
}

func callRoutes() []route {
	return []route{
		{method: "GET", path: "/api/contacts/{id}", id: "get-contact", tag: "Contacts", summary: "A contact with all that happened; agents only see those that a call gave them", access: only(Agent, Supervisor, ListManager), errors: []int{404}, serve: op((*Server).contact)},
		{method: "GET", path: "/api/attempts", id: "list-attempts", tag: "Attempts", summary: "Attempts, newest first", access: only(Supervisor, ListManager), serve: op((*Server).attempts)},
		{method: "GET", path: "/api/recordings", id: "list-recordings", tag: "Recordings", summary: "Recordings, newest first", access: only(Supervisor), serve: op((*Server).recordings)},
		{method: "GET", path: "/api/recordings/{attempt_id}", id: "get-recording", tag: "Recordings", summary: "The recording of an attempt, without its audio", access: only(Supervisor), errors: []int{404}, serve: op((*Server).recording)},
		{method: "GET", path: "/api/recordings/{attempt_id}/audio", id: "play-recording", tag: "Recordings", summary: "The audio of a recording; leaves an audit row first", access: only(Supervisor), timeout: -1, errors: []int{404, 416}, serve: raw((*Server).audio, documentAudio)},
		{method: "DELETE", path: "/api/recordings/{attempt_id}", id: "delete-recording", tag: "Recordings", summary: "Delete a recording for good, row and file; its attempt stays, and an audit row comes first", access: only(), errors: []int{404}, serve: op((*Server).deleteRecording)},
		{method: "GET", path: "/api/stream", id: "stream", tag: "Stream", summary: "Live data and agents' commands", access: signedIn(), timeout: -1, errors: []int{426}, serve: raw((*Server).stream, documentStream)},
	}
}

// ownRoutes tell of this server itself. They are public or, for metrics, bound to addresses.
func ownRoutes() []route {
	plain := func(path, id string, handle func(*Server, http.ResponseWriter, *http.Request)) route {
		return route{method: "GET", path: path, id: id, tag: "Server", access: anyone(), hidden: true, serve: raw(handle, nil)}
	}
	return []route{
		plain("/healthz", "healthz", (*Server).healthz),
		plain("/readyz", "readyz", (*Server).readyz),
		plain("/metrics", "metrics", (*Server).metricsPage),
		plain("/api/openapi.json", "openapi", (*Server).openapiDocument),
		plain("/api/docs", "docs", (*Server).docs),
		plain("/api/docs/{file}", "docs-file", (*Server).docsFile),
	}
}
