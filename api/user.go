package api

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// User is an account as the API shows it; the password's hash never leaves this package.
type User struct {
	ID        uuid.UUID `json:"id"`
	Login     string    `json:"login"`
	Name      string    `json:"name"`
	Role      Role      `json:"role" enum:"agent,supervisor,list_manager,admin"`
	PhoneKind PhoneKind `json:"phone_kind" enum:"sip,webrtc" doc:"sip: a phone that registers by itself; webrtc: the softphone in the user's page"`
	Endpoint  string    `json:"endpoint" doc:"SIP endpoint of the user's phone, without technology; made by the server for webrtc"`
	PhoneCode int       `json:"phone_code" doc:"digits by which supervisors mean this account on a telephone's keys: 81 and the code listens"`
	Language  string    `json:"language" enum:"en,zh-CN"`
	Disabled  bool      `json:"disabled"`
	CreatedAt time.Time `json:"created_at"`
}

// NewUser is what it takes to make an account.
type NewUser struct {
	Login     string    `json:"login" pattern:"^[a-z0-9._-]{2,40}$" doc:"2 to 40 of a-z, 0-9, dot, hyphen, underscore"`
	Name      string    `json:"name" minLength:"1" maxLength:"80"`
	Password  string    `json:"password" minLength:"8" maxLength:"200" writeOnly:"true"`
	Role      Role      `json:"role" enum:"agent,supervisor,list_manager,admin"`
	PhoneKind PhoneKind `json:"phone_kind,omitempty" enum:"sip,webrtc" default:"sip" doc:"webrtc: the softphone in the user's page, for agents, supervisors and admins; it needs no endpoint"`
	Endpoint  string    `json:"endpoint,omitempty" pattern:"^[A-Za-z0-9_-]{0,40}$" doc:"SIP endpoint of the phone; needed by agents, and by supervisors to listen and to step in"`
	Language  string    `json:"language,omitempty" enum:"en,zh-CN" default:"en"`
}

var (
	errNoUser     = errors.New("there is no such user")
	errLoginTaken = errors.New("the login is taken")

	loginForm    = regexp.MustCompile(`^[a-z0-9._-]{2,40}$`)
	endpointForm = regexp.MustCompile(`^[A-Za-z0-9_-]{0,40}$`)
)

// UserError says which field of a new account is not acceptable and why.
type UserError struct{ Field, Reason string }

func (e *UserError) Error() string { return e.Field + " " + e.Reason }

func (n *NewUser) check() error {
	if n.Language == "" {
		n.Language = "en"
	}
	if n.PhoneKind == "" {
		n.PhoneKind = PhoneSIP
	}
	n.Name = strings.TrimSpace(n.Name)
	switch {
	case !loginForm.MatchString(n.Login):
		return &UserError{"login", "must be 2 to 40 of a-z, 0-9, dot, hyphen and underscore"}
	case n.Name == "" || utf8.RuneCountInString(n.Name) > 80 || !utf8.ValidString(n.Name):
		return &UserError{"name", "must be 1 to 80 characters"}
	case !n.Role.Valid():
		return &UserError{"role", "must be agent, supervisor, list_manager or admin"}
	case !endpointForm.MatchString(n.Endpoint):
		return &UserError{"endpoint", "must be at most 40 of letters, digits, hyphen and underscore"}
	case n.PhoneKind == PhoneWebRTC && n.Role == ListManager:
		return &UserError{"phone_kind", "must be sip: only agents and supervisors have the phone in the page"}
	case n.PhoneKind == PhoneSIP && strings.HasPrefix(n.Endpoint, browserPrefix):
		return &UserError{"endpoint", "must not begin with " + browserPrefix + ", which is kept for phones in the browser"}
	case n.Language != "en" && n.Language != "zh-CN":
		return &UserError{"language", "must be en or zh-CN"}
	}
	if why := checkPassword(n.Login, n.Password); why != "" {
		return &UserError{"password", why}
	}
	return nil
}

// CreateUser makes an account with an argon2id password. It is how the first admin comes into being (`dialtide user add`).
// Errors: *UserError for a field, one that says the login is taken, or the database's.
func CreateUser(ctx context.Context, pool *pgxpool.Pool, n NewUser) (User, error) {
	return createUser(ctx, pool, n, PasswordParams)
}

func createUser(ctx context.Context, pool *pgxpool.Pool, n NewUser, params argon2id.Params) (User, error) {
	if err := n.check(); err != nil {
		return User{}, err
	}
	hash, err := argon2id.CreateHash(n.Password, &params)
	if err != nil {
		return User{}, fmt.Errorf("hash a password: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return User{}, fmt.Errorf("make a user id: %w", err)
	}
	if n.PhoneKind == PhoneWebRTC {
		n.Endpoint = browserEndpoint(id)
	}
	rows, err := pool.Query(ctx, `INSERT INTO users (id, login, name, password_hash, role, phone_kind, endpoint, language)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (login) DO NOTHING RETURNING `+userColumns,
		id, n.Login, n.Name, hash, n.Role, n.PhoneKind, n.Endpoint, n.Language)
	if err != nil {
		return User{}, fmt.Errorf("create user: %w", err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, scanUser)
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, errLoginTaken
	}
	if err != nil {
		return User{}, fmt.Errorf("create user: %w", err)
	}
	return u, nil
}

const userColumns = `id, login, name, role, phone_kind, endpoint, phone_code, language, disabled, created_at`

func scanUser(row pgx.CollectableRow) (User, error) {
	var u User
	err := row.Scan(&u.ID, &u.Login, &u.Name, &u.Role, &u.PhoneKind, &u.Endpoint, &u.PhoneCode, &u.Language, &u.Disabled, &u.CreatedAt)
	u.CreatedAt = u.CreatedAt.UTC()
	return u, err
}

func getUser(ctx context.Context, pool *pgxpool.Pool, id uuid.UUID) (User, error) {
	rows, err := pool.Query(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, scanUser)
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, errNoUser
	}
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", err)
	}
	return u, nil
}

func allUsers(ctx context.Context, pool *pgxpool.Pool) ([]User, error) {
	rows, err := pool.Query(ctx, `SELECT `+userColumns+` FROM users ORDER BY login`)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	users, err := pgx.CollectRows(rows, scanUser)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	return users, nil
}

// credentials returns what a sign-in is checked against. hash is "" for a login that is unknown or disabled.
func credentials(ctx context.Context, pool *pgxpool.Pool, login string) (id uuid.UUID, hash string, err error) {
	err = pool.QueryRow(ctx, `SELECT id, password_hash FROM users WHERE login = $1 AND NOT disabled`, login).Scan(&id, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, "", nil
	}
	if err != nil {
		return uuid.Nil, "", fmt.Errorf("read credentials: %w", err)
	}
	return id, hash, nil
}

// userChange is a change of an account; nil fields stay as they are.
type userChange struct {
	Name, Endpoint, Language *string
	PhoneKind                *PhoneKind
	Role                     *Role
	Disabled                 *bool
	PasswordHash             *string
}

func updateUser(ctx context.Context, pool *pgxpool.Pool, id uuid.UUID, c userChange) (User, error) {
	rows, err := pool.Query(ctx, `UPDATE users SET name = coalesce($2, name), endpoint = coalesce($3, endpoint),
		language = coalesce($4, language), role = coalesce($5, role), disabled = coalesce($6, disabled),
		password_hash = coalesce($7, password_hash), phone_kind = coalesce($8, phone_kind) WHERE id = $1 RETURNING `+userColumns,
		id, c.Name, c.Endpoint, c.Language, c.Role, c.Disabled, c.PasswordHash, c.PhoneKind)
	if err != nil {
		return User{}, fmt.Errorf("change user: %w", err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, scanUser)
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, errNoUser
	}
	if err != nil {
		return User{}, fmt.Errorf("change user: %w", err)
	}
	return u, nil
}
