package api

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

// ContactInput is a contact as a program brings it.
type ContactInput struct {
	Phone    string            `json:"phone" minLength:"1" maxLength:"64" doc:"with country code, or as written in the list's country"`
	Name     string            `json:"name,omitempty" maxLength:"200"`
	Key      string            `json:"key,omitempty" maxLength:"200" doc:"the customer's own id"`
	Priority int               `json:"priority,omitempty" minimum:"-1000" maximum:"1000" doc:"above 0: hot, called before all others but callbacks"`
	Tags     []string          `json:"tags,omitempty" maxItems:"50"`
	Fields   map[string]string `json:"fields,omitempty"`
	Phones   []PhoneInput      `json:"phones,omitempty" maxItems:"20" doc:"further numbers, in the order in which they are to be tried"`
	Zone     string            `json:"zone,omitempty" maxLength:"60" doc:"IANA time zone besides those of the number: the hours of all of them apply"`
}

// PhoneInput is a further number.
type PhoneInput struct {
	Phone string `json:"phone" minLength:"1" maxLength:"64"`
	Kind  string `json:"kind,omitempty" enum:"mobile,fixed"`
	Label string `json:"label,omitempty" maxLength:"40"`
}

type contactsIn struct {
	ByID
	Body struct {
		Items      []ContactInput   `json:"items" minItems:"1" maxItems:"1000"`
		Duplicates lists.Duplicates `json:"duplicates,omitempty" doc:"what happens with contacts that are there; empty: they are passed over"`
	}
}

// postContacts adds contacts one by one: what is wrong with one does not keep the others out.
func (s *Server) postContacts(ctx context.Context, in *contactsIn) (*body[page[lists.Upserted]], error) {
	region, err := s.listRegion(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := make([]lists.Upserted, len(in.Body.Items))
	var good []lists.NewContact
	var at []int
	numbers := lists.NewNumberReader(region)
	for i, c := range in.Body.Items {
		contact, reason := importer.Contact(numbers, importer.Given(c.given()))
		if reason != "" {
			out[i] = lists.Upserted{Did: "rejected", Reason: reason}
			continue
		}
		good, at = append(good, contact), append(at, i)
	}
	phones := make([]string, len(good))
	for i, c := range good {
		phones[i] = c.Number.E164
	}
	barred, err := s.opts.Store.BarredOf(ctx, phones, true)
	if err != nil {
		return nil, err
	}
	for i := range good {
		good[i].OnDNC = barred[phones[i]]
	}
	placed, err := s.opts.Store.UpsertContacts(ctx, in.ID, good, in.Body.Duplicates)
	if err != nil {
		return nil, err
	}
	added := 0
	for i, p := range placed {
		out[at[i]] = p
		if p.Did == lists.Added {
			added++
		}
	}
	s.opts.Log.Info("contacts by API", "list", in.ID, "brought", len(out), "added", added)
	return items(out), nil
}

func (c ContactInput) given() importer.Given {
	g := importer.Given{Phone: c.Phone, Name: c.Name, Key: c.Key, Priority: c.Priority, Tags: c.Tags, Fields: c.Fields, Zone: c.Zone}
	for _, p := range c.Phones {
		g.Phones = append(g.Phones, importer.GivenPhone(p))
	}
	return g
}

type removeInput struct {
	ByID
	Body struct {
		IDs    []uuid.UUID `json:"ids,omitempty" maxItems:"1000"`
		Phones []string    `json:"phones,omitempty" maxItems:"1000" doc:"with country code, or as written in the list's country"`
		Keys   []string    `json:"keys,omitempty" maxItems:"1000"`
	}
}

func (s *Server) postRemove(ctx context.Context, in *removeInput) (*body[lists.Removed], error) {
	region, err := s.listRegion(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	numbers := lists.NewNumberReader(region)
	var phones []string
	for i, p := range in.Body.Phones {
		n, reason := numbers.Parse(p)
		if reason != "" {
			return nil, invalid(fmt.Sprintf("body.phones[%d]", i), reason)
		}
		phones = append(phones, n.E164)
	}
	if len(in.Body.IDs)+len(phones)+len(in.Body.Keys) == 0 {
		return nil, invalid("body", "must name contacts by ids, phones or keys")
	}
	if err := s.audit(ctx, "contacts.remove", "list", in.ID.String(), map[string]any{"ids": len(in.Body.IDs), "phones": len(phones), "keys": len(in.Body.Keys)}); err != nil {
		return nil, err
	}
	out, err := s.opts.Store.RemoveContacts(ctx, in.ID, in.Body.IDs, phones, in.Body.Keys)
	if err != nil {
		return nil, err
	}
	return &body[lists.Removed]{out}, nil
}

type nearInput struct {
	ByID
	Limit int `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (s *Server) nearDuplicates(ctx context.Context, in *nearInput) (*body[page[lists.NearDuplicate]], error) {
	if _, err := s.opts.Store.List(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := s.opts.Store.NearDuplicates(ctx, in.ID, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

// PairsFound is how many pairs a search found.
type PairsFound struct {
	PairsFound int64 `json:"found" doc:"pairs that were not known before"`
}

func (s *Server) postNearDuplicates(ctx context.Context, in *ByID) (*body[PairsFound], error) {
	if _, err := s.opts.Store.List(ctx, in.ID); err != nil {
		return nil, err
	}
	n, err := s.opts.Store.FindNearDuplicates(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[PairsFound]{PairsFound{n}}, nil
}

type decideInput struct {
	ByID
	Body struct {
		Decision string    `json:"decision" enum:"merge,different"`
		Keep     uuid.UUID `json:"keep,omitempty" doc:"which of the two stays; empty: the one that was there first"`
	}
}

func (s *Server) postNearDuplicate(ctx context.Context, in *decideInput) (*body[lists.NearDuplicate], error) {
	var out lists.NearDuplicate
	var err error
	if in.Body.Decision == "merge" {
		if err := s.audit(ctx, "contacts.merge", "near_duplicate", in.ID.String(), nil); err != nil {
			return nil, err
		}
		out, err = s.opts.Store.MergeNearDuplicate(ctx, in.ID, in.Body.Keep, actorOf(ctx))
	} else {
		out, err = s.opts.Store.DismissNearDuplicate(ctx, in.ID, actorOf(ctx))
	}
	if err != nil {
		return nil, err
	}
	return &body[lists.NearDuplicate]{out}, nil
}
