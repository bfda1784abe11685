package api

import (
	"context"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5/pgxpool"
)

// CheapPasswords are parameters for tests that need many accounts.
var CheapPasswords = argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// CreateCheapUser is CreateUser with a password that is quickly hashed.
func CreateCheapUser(ctx context.Context, pool *pgxpool.Pool, n NewUser) (User, error) {
	return createUser(ctx, pool, n, CheapPasswords)
}

// RouteInfo is one row of the route table, for tests of the whole table.
type RouteInfo struct {
	Method, Path, ID string
	Public, Hidden   bool
	Roles            []Role
}

// RouteTable returns the route table.
func RouteTable() []RouteInfo {
	var all []RouteInfo
	for _, r := range table() {
		all = append(all, RouteInfo{r.method, r.path, r.id, r.access.public, r.hidden, r.access.roles})
	}
	return all
}
