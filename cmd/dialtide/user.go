package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/term"

	"github.com/dialtide/dialtide/api"
)

type userCmd struct {
	Add userAddCmd `cmd:"" help:"Make an account; the password is read from standard input."`
}

type userAddCmd struct {
	Database string `help:"PostgreSQL URL." required:""`
	Login    string `arg:"" help:"2 to 40 of a-z, 0-9, dot, hyphen, underscore."`
	Name     string `help:"Name as pages show it." required:""`
	Role     string `help:"agent, supervisor, list_manager or admin." enum:"agent,supervisor,list_manager,admin" required:""`
	Phone    string `help:"sip: a phone that registers by itself as --endpoint; webrtc: the softphone in the agent's page." enum:"sip,webrtc" default:"sip"`
	Endpoint string `help:"SIP endpoint of the phone; agents need one, and supervisors who listen."`
	Language string `help:"en or zh-CN." enum:"en,zh-CN" default:"en"`
}

func (c *userAddCmd) Run(ctx context.Context) error {
	password, err := readPassword()
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, c.Database)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	u, err := api.CreateUser(ctx, pool, api.NewUser{Login: c.Login, Name: c.Name, Password: password, Role: api.Role(c.Role),
		PhoneKind: api.PhoneKind(c.Phone), Endpoint: c.Endpoint, Language: c.Language})
	if err != nil {
		return err
	}
	fmt.Printf("account %s (%s) is made\n", u.Login, u.Role)
	return nil
}

// readPassword reads one line, unseen when a person types it. It is no flag: flags can be read by everybody on the machine.
func readPassword() (string, error) {
	if term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprint(os.Stderr, "Password: ")
		first, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(os.Stderr)
		return string(first), err
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.Join(errors.New("no password on standard input"), err)
	}
	return line, nil
}
