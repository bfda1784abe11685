package api

import "time"

// personRoutes are about people rather than calls: who must not be called, who consented, why somebody is or is not called.
func personRoutes() []route {
	return []route{
		{method: "GET", path: "/api/dnc", id: "list-dnc", tag: "DNC", summary: "Numbers and people that must not be called, newest first", access: only(ListManager), serve: op((*Server).dncs)},
		{method: "POST", path: "/api/dnc", id: "create-dnc", tag: "DNC", summary: "Never call a number or a person again; unanswered calls are withdrawn before the answer", access: only(ListManager), status: 201, errors: []int{404}, timeout: 30 * time.Second, serve: op((*Server).postDNC)},
		{method: "DELETE", path: "/api/dnc/{id}", id: "delete-dnc", tag: "DNC", summary: "Allow a number or a person again", access: only(ListManager), errors: []int{404}, serve: op((*Server).deleteDNC)},
		{method: "POST", path: "/api/dnc/file", id: "upload-dnc", tag: "DNC", summary: "Never call the numbers of a file again; unanswered calls are withdrawn before the answer", access: only(ListManager), body: -1, timeout: -1, errors: []int{400, 408, 413, 415, 422}, serve: raw((*Server).postDNCFile, documentDNCFile)},
		{method: "GET", path: "/api/dnc/file", id: "export-dnc", tag: "DNC", summary: "The do-not-call list as CSV; leaves an audit row first", access: only(ListManager), timeout: 10 * time.Minute, serve: raw((*Server).getDNCFile, documentDNCExport)},

		{method: "GET", path: "/api/registries", id: "list-registries", tag: "Registries", summary: "National and state do-not-call registries, with the age of their numbers", access: only(ListManager, Supervisor), serve: op((*Server).registries)},
		{method: "POST", path: "/api/registries", id: "create-registry", tag: "Registries", summary: "Make a registry without numbers", access: only(ListManager), status: 201, errors: []int{409}, serve: op((*Server).postRegistry)},
		{method: "DELETE", path: "/api/registries/{id}", id: "delete-registry", tag: "Registries", summary: "Take a registry and its numbers away", access: only(ListManager), errors: []int{404, 409}, timeout: time.Minute, serve: op((*Server).deleteRegistry)},
		{method: "POST", path: "/api/registries/{id}/loads", id: "create-registry-load", tag: "Registries", summary: "Load a file whose numbers replace those of the registry at one moment", access: only(ListManager), body: -1, timeout: -1, errors: []int{400, 404, 408, 409, 413, 415, 422}, serve: raw((*Server).postRegistryLoad, documentRegistryLoad)},
		{method: "GET", path: "/api/registries/{id}/loads", id: "list-registry-loads", tag: "Registries", summary: "Files loaded into a registry, newest first, with progress and bad lines", access: only(ListManager), errors: []int{404}, serve: op((*Server).registryLoads)},
		{method: "DELETE", path: "/api/registries/{id}/loads/{no}", id: "cancel-registry-load", tag: "Registries", summary: "Cancel the loading of a file; the numbers from before are asked on", access: only(ListManager), errors: []int{404}, serve: op((*Server).deleteRegistryLoad)},

		{method: "PUT", path: "/api/registries/{id}/coverage", id: "set-registry-coverage", tag: "Registries", summary: "Say of which areas a registry's numbers are; a number outside is not called where a rule demands the registry", access: only(ListManager), body: 256 << 10, errors: []int{404}, serve: op((*Server).putCoverage)},

		{method: "GET", path: "/api/overrides", id: "list-overrides", tag: "Overrides", summary: "Rules that were lifted for a number or a contact, newest first", access: only(ListManager, Supervisor), serve: op((*Server).overrides)},
		{method: "POST", path: "/api/overrides", id: "create-override", tag: "Overrides", summary: "Lift a rule for one number or contact for a time, on a ground that its law knows; leaves an audit row first", access: only(ListManager), status: 201, errors: []int{404}, serve: op((*Server).postOverride)},
		{method: "DELETE", path: "/api/overrides/{id}", id: "end-override", tag: "Overrides", summary: "End an override before its time", access: only(ListManager), errors: []int{404}, serve: op((*Server).deleteOverride)},

		{method: "GET", path: "/api/consents", id: "list-consents", tag: "Consents", summary: "Consents, the last recorded first", access: only(ListManager, Supervisor), serve: op((*Server).consents)},
		{method: "POST", path: "/api/consents", id: "create-consents", tag: "Consents", summary: "Write consents down, all or none", access: only(ListManager), body: 8 << 20, status: 201, serve: op((*Server).postConsents)},
		{method: "POST", path: "/api/consents/file", id: "upload-consents", tag: "Consents", summary: "Write the consents of a file down; wrong rows are named with their reason", access: only(ListManager), body: -1, timeout: -1, errors: []int{400, 408, 413, 415, 422}, serve: raw((*Server).postConsentFile, documentConsentFile)},
		{method: "POST", path: "/api/consents/rejects", id: "list-consent-rejects", tag: "Consents", summary: "The rows of a file of consents that would not be taken, as a file to be mended; nothing is written down", access: only(ListManager), body: -1, timeout: -1, errors: []int{400, 408, 413, 415, 422}, serve: raw((*Server).postConsentRejects, documentConsentRejects)},
		{method: "POST", path: "/api/consents/withdrawals", id: "withdraw-consents", tag: "Consents", summary: "Withdraw a consent, or those of a number or a person", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).postWithdrawal)},

		{method: "POST", path: "/api/people/records", id: "export-person", tag: "People", summary: "Everything that is known of one person; leaves an audit row first", access: only(ListManager), errors: []int{404}, timeout: time.Minute, serve: op((*Server).postPersonRecord)},
		{method: "POST", path: "/api/people/files", id: "export-person-file", tag: "People", summary: "Everything that is known of one person as a ZIP file, with the recordings; leaves audit rows first", access: only(ListManager), timeout: -1, errors: []int{404, 422}, serve: raw((*Server).postPersonFile, documentPersonFile)},
		{method: "POST", path: "/api/people/erasures", id: "erase-person", tag: "People", summary: "Forget a person: only a hash stays, which keeps the number from being called", access: only(ListManager), errors: []int{404}, timeout: time.Minute, serve: op((*Server).postErasure)},

		{method: "GET", path: "/api/campaigns/{id}/why", id: "why-campaign", tag: "Why", summary: "Why the campaign calls or does not call now, with a histogram of reasons and the next moment", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).whyCampaign)},
		{method: "GET", path: "/api/campaigns/{id}/contacts/{contact_id}/why", id: "why-contact", tag: "Why", summary: "Why the contact may or may not be called now, rule by rule, and when it may", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).whyContact)},
		{method: "GET", path: "/api/contacts/{id}/journey", id: "get-journey", tag: "Contacts", summary: "A contact's way in one order: calls, agents, dispositions, notes, recordings, callbacks, consents, do-not-call entries", access: only(Agent, Supervisor, ListManager), errors: []int{404}, serve: op((*Server).journey)},
	}
}
