package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

func ruleRoutes() []route {
	return []route{
		{method: "GET", path: "/api/rules/packs", id: "list-rule-packs", tag: "Rules", summary: "Rule packs with their rules, sources and days of review; they are not legal advice", access: only(ListManager, Supervisor), serve: op((*Server).rulePacks)},
		{method: "POST", path: "/api/rules/check", id: "check-rules", tag: "Rules", summary: "What rules say of a number at a moment, without calling anybody: for trying packs and rules of one's own", access: only(ListManager, Supervisor), serve: op((*Server).checkRules)},
		{method: "POST", path: "/api/attempts/{id}/corrections", id: "correct-attempt", tag: "Attempts", summary: "Say that an attempt ended otherwise than was found: a person who was taken for a machine counts as abandoned", access: only(Supervisor), status: 201, errors: []int{404}, serve: op((*Server).postCorrection)},
	}
}

func (s *Server) rulePacks(context.Context, *struct{}) (*body[page[compliance.Pack]], error) {
	var out []compliance.Pack
	for _, p := range compliance.Packs() {
		out = append(out, *p)
	}
	return items(out), nil
}

// RuleQuestion is a made-up case for the rules.
type RuleQuestion struct {
	Phone       string               `json:"phone" minLength:"3" maxLength:"64" doc:"the number to be called"`
	Country     string               `json:"country,omitempty" pattern:"^[A-Z]{2}$" doc:"of a number without country code"`
	Fields      map[string]string    `json:"fields,omitempty" doc:"of the contact; country, state and zip say where he lives"`
	At          *time.Time           `json:"at,omitempty" doc:"missing: now"`
	Packs       []string             `json:"packs" required:"false" maxItems:"50"`
	Activity    compliance.Activity  `json:"activity,omitempty" enum:"sales,research,debt,service,"`
	Custom      []compliance.Rule    `json:"custom_rules,omitempty" maxItems:"50"`
	Hours       *compliance.Week     `json:"hours,omitempty" doc:"of the campaign; missing: always"`
	Cap         compliance.Cap       `json:"cap,omitzero" required:"false"`
	RingTimeout compliance.Seconds   `json:"ring_timeout,omitempty" minimum:"0" maximum:"120"`
	CallerID    string               `json:"caller_id,omitempty" maxLength:"20" doc:"missing: hidden"`
	Attempts    []time.Time          `json:"attempts,omitempty" maxItems:"100" doc:"earlier ones to the number that count"`
	Refused     *time.Time           `json:"refused_at,omitempty"`
	Talked      *time.Time           `json:"talked_at,omitempty"`
	Abandoned   *time.Time           `json:"abandoned_at,omitempty"`
	DNC         bool                 `json:"dnc,omitempty"`
	Consent     bool                 `json:"consent,omitempty"`
	Agent       bool                 `json:"agent,omitempty" doc:"an agent is there before the number is dialled"`
	Registries  map[string]time.Time `json:"registries,omitempty" doc:"age of the copy of each region's registry"`
}

type checkRulesInput struct{ Body RuleQuestion }

// RuleVerdict is what rules say of a number.
type RuleVerdict struct {
	Permit  bool                `json:"permit"`
	Rule    string              `json:"rule,omitempty" doc:"the first rule that refuses"`
	Kind    compliance.Kind     `json:"kind,omitempty"`
	Until   *time.Time          `json:"until" doc:"when all rules permit the call together; null: not within a year, by what is known now"`
	Act     bool                `json:"act,omitempty" doc:"somebody can change the refusal; time does not"`
	Why     string              `json:"why,omitempty"`
	WhyZH   string              `json:"why_zh,omitempty"`
	Phone   string              `json:"phone" doc:"E.164"`
	Number  RulePlace           `json:"number"`
	Address *RulePlace          `json:"address,omitempty" doc:"missing: the fields say nothing else than the number"`
	Answers []compliance.Ruling `json:"answers" nullable:"false"`
}

// RulePlace is where a callee may be.
type RulePlace struct {
	Region string   `json:"region" doc:"ISO 3166"`
	Zones  []string `json:"zones" nullable:"false" doc:"all of them must be inside the hours"`
}

func (s *Server) checkRules(_ context.Context, in *checkRulesInput) (*body[RuleVerdict], error) {
	b := &in.Body
	n, reason := lists.ParseNumber(b.Phone, b.Country)
	if reason != "" {
		return nil, invalid("body.phone", "is no number that can be called ("+reason+"); give its country or write it like +12025550100")
	}
	setup := compliance.Setup{Packs: b.Packs, Custom: b.Custom, Activity: b.Activity, Hours: compliance.Always(), Cap: b.Cap, Ring: b.RingTimeout, CallerID: b.CallerID}
	if b.Hours != nil {
		setup.Hours = *b.Hours
	}
	if setup.Ring == 0 {
		setup.Ring = 120 // not asked about
	}
	rules, err := compliance.Compile(setup)
	if err != nil {
		return nil, invalid("body.packs", err.Error())
	}
	c := compliance.Case{DNC: b.DNC, Attempts: b.Attempts, Consent: b.Consent, Agent: b.Agent, Registries: b.Registries}
	c.Number, c.Address = lists.Places(n, b.Fields)
	for _, mark := range []struct {
		from *time.Time
		to   *time.Time
	}{{b.Refused, &c.Refused}, {b.Talked, &c.Talked}, {b.Abandoned, &c.Abandoned}} {
		if mark.from != nil {
			*mark.to = *mark.from
		}
	}
	now := time.Now()
	if b.At != nil {
		now = *b.At
	}
	v := rules.Judge(now, &c)
	out := RuleVerdict{Permit: v.Permit, Rule: v.Refusal.Rule, Kind: v.Refusal.Kind, Act: v.Refusal.Act, Why: v.Refusal.Why, WhyZH: v.Refusal.WhyZH,
		Phone: n.E164, Number: RulePlace(c.Number), Answers: v.Answers}
	if c.Address.Region != "" {
		out.Address = &RulePlace{c.Address.Region, c.Address.Zones}
	}
	if until := v.Refusal.Until.UTC(); !v.Refusal.Until.IsZero() {
		out.Until = &until
	}
	return &body[RuleVerdict]{out}, nil
}

type correctionInput struct {
	ByID
	Body struct {
		Outcome lists.Outcome `json:"outcome" enum:"connected,abandoned,early_hangup,machine,busy,no_answer,invalid_number,rejected"`
		Reason  string        `json:"reason" minLength:"1" maxLength:"200" doc:"how it was found out"`
	}
}

// Corrected is the reply to a correction.
type Corrected struct {
	Attempt uuid.UUID     `json:"attempt_id"`
	Outcome lists.Outcome `json:"outcome"`
}

func (s *Server) postCorrection(ctx context.Context, in *correctionInput) (*body[Corrected], error) {
	if err := s.audit(ctx, "attempt.correct", "attempt", in.ID.String(), map[string]any{"outcome": in.Body.Outcome, "reason": in.Body.Reason}); err != nil {
		return nil, err
	}
	by := userOf(ctx).ID
	if err := s.opts.Store.CorrectOutcome(ctx, lists.Correction{Attempt: in.ID, Outcome: in.Body.Outcome, Reason: in.Body.Reason, By: &by}); err != nil {
		return nil, err
	}
	return &body[Corrected]{Corrected{in.ID, in.Body.Outcome}}, nil
}
