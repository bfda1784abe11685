package api

import "slices"

// Role says what a user may do. Each user has exactly one.
type Role string

const (
	Agent       Role = "agent"        // talks with contacts that a call gave him
	Supervisor  Role = "supervisor"   // sees the floor live, listens, plays recordings, starts and stops campaigns
	ListManager Role = "list_manager" // lists, imports, campaigns, scripts, DNC
	Admin       Role = "admin"        // everything, users and audit too
)

// Roles lists every role.
var Roles = []Role{Agent, Supervisor, ListManager, Admin}

// Valid reports whether r is one of the constants.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// access says who may call a route. The zero value is nobody, which [New] refuses.
type access struct {
	public bool
	roles  []Role
}

// anyone opens a route to callers without a session.
func anyone() access { return access{public: true} }

// only opens a route to the named roles and to admins.
func only(roles ...Role) access { return access{roles: append(roles, Admin)} }

// signedIn opens a route to every user.
func signedIn() access { return access{roles: Roles} }

func (a access) named() bool { return a.public || len(a.roles) > 0 }

func (a access) allows(r Role) bool { return a.public || slices.Contains(a.roles, r) }
