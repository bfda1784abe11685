package client

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// RulePacks returns the rule packs with their rules.
func (c *Client) RulePacks(ctx context.Context) ([]compliance.Pack, error) {
	return list[compliance.Pack](ctx, c, "/api/rules/packs")
}

// CheckRules says what rules answer to a made-up case; nobody is called.
func (c *Client) CheckRules(ctx context.Context, q api.RuleQuestion) (api.RuleVerdict, error) {
	return post[api.RuleVerdict](ctx, c, "/api/rules/check", q)
}

// CorrectAttempt says that an attempt ended otherwise than was found.
func (c *Client) CorrectAttempt(ctx context.Context, attempt uuid.UUID, outcome lists.Outcome, reason string) error {
	_, err := post[api.Corrected](ctx, c, "/api/attempts/"+attempt.String()+"/corrections", map[string]any{"outcome": outcome, "reason": reason})
	return err
}
