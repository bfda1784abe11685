package lists

import (
	"context"

	"github.com/jackc/pgx/v5"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
)

// Types is for pgxpool.Config.AfterConnect: it lets UUIDs go to the database as they are. Without it each element of a UUID
// array goes through its text and a failed attempt, which was a fifth of the dialer's work.
func Types(_ context.Context, c *pgx.Conn) error {
	pgxuuid.Register(c.TypeMap())
	return nil
}
