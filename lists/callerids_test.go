package lists_test

import (
	"encoding/binary"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// person is the i-th contact's id: the same in every run.
func person(i int) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:], uint64(i))
	return id
}

// TestAContactIsAlwaysShownTheSameNumber: one number each in about even shares, and a number that comes or goes changes only its own.
func TestAContactIsAlwaysShownTheSameNumber(t *testing.T) {
	s := testSettings()
	require.Equal(t, s.CallerID, s.CallerFor(person(1), number(1)))
	s.CallerIDs = []string{"+12125550101", "+12125550102", "+12125550103"}
	less := s
	less.CallerIDs = s.CallerIDs[:2]
	const people = 4000
	shown := map[string]int{}
	for i := range people {
		n := s.CallerFor(person(i), number(i))
		require.Equal(t, n, s.CallerFor(person(i), "+4930123456"), "whichever of his numbers is called")
		shown[n]++
		if n != "+12125550103" {
			require.Equal(t, n, less.CallerFor(person(i), number(i)))
		}
	}
	require.Len(t, shown, 4)
	for n, k := range shown {
		require.InDelta(t, people/4, k, people/20, n)
	}
}

func TestANumberOfTheCalleesArea(t *testing.T) {
	s := testSettings()
	s.CallerID, s.CallerChoice = "+12065550100", lists.CallerByArea
	s.CallerIDs = []string{"+15095550100", "+12125550100", "+12125550101", "+493055501", "+498955501"}
	for phone, want := range map[string][]string{
		"+12067770000":   {"+12065550100"},                                                                             // of the area code
		"+13607770000":   {"+12065550100", "+15095550100"},                                                             // of the state
		"+12127770000":   {"+12125550100", "+12125550101"},                                                             // two of the area code
		"+13057770000":   {"+12065550100", "+15095550100", "+12125550100", "+12125550101"},                             // of the country
		"+4930777000":    {"+493055501"},                                                                               // of a city
		"+4915117770000": {"+493055501", "+498955501"},                                                                 // a mobile phone has no area
		"+861065550100":  {"+12065550100", "+15095550100", "+12125550100", "+12125550101", "+493055501", "+498955501"}, // nothing is near
	} {
		var got []string
		seen := map[string]bool{}
		for i := range 500 {
			if n := s.CallerFor(person(i), phone); !seen[n] {
				seen[n] = true
				got = append(got, n)
			}
		}
		require.ElementsMatch(t, want, got, phone)
	}
}

func TestFurtherNumbersAreChecked(t *testing.T) {
	for field, change := range map[string]func(*lists.Settings){
		"caller_ids.0":  func(s *lists.Settings) { s.CallerIDs = []string{"2125550100"} },
		"caller_ids.1":  func(s *lists.Settings) { s.CallerIDs = []string{"+12125550101", s.CallerID} },
		"caller_ids.2":  func(s *lists.Settings) { s.CallerIDs = []string{"+12125550101", "+12125550102", "+12125550101"} },
		"caller_choice": func(s *lists.Settings) { s.CallerChoice = "any" },
		"caller_ids": func(s *lists.Settings) {
			for i := range 51 {
				s.CallerIDs = append(s.CallerIDs, number(i))
			}
		},
	} {
		s := testSettings()
		change(&s)
		errs := s.Validate()
		require.Len(t, errs, 1, field)
		require.Equal(t, field, errs[0].Field)
	}
}

// TestTheAttemptHasTheNumberThatWasShown: the claim, the open attempt and the ended one; and who calls that number back is known.
func TestTheAttemptHasTheNumberThatWasShown(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 20)
	c := l.campaign(func(s *lists.Settings) { s.CallerIDs, s.Inbound = []string{"+12065550101", "+12065550102"}, true }, list)
	other := l.campaign(func(s *lists.Settings) { s.CallerID, s.Inbound = "+12065550177", true })
	require.NotEqual(t, c.ID, other.ID)
	shown := map[string]int{}
	var one lists.Claim
	for _, k := range c.claim(20).Claims {
		require.Equal(t, c.Settings.CallerFor(k.Contact.ID, k.Contact.Phone), k.CallerID)
		require.Equal(t, 1, l.count(`SELECT count(*) FROM open_attempts WHERE id = $1 AND caller_id = $2`, k.Permit.Attempt(), k.CallerID))
		c.finish(k, lists.NoAnswer)
		require.Equal(t, 1, l.count(`SELECT count(*) FROM attempts WHERE id = $1 AND caller_id = $2`, k.Permit.Attempt(), k.CallerID))
		shown[k.CallerID]++
		if k.CallerID == "+12065550102" {
			one = k
		}
	}
	require.Greater(t, len(shown), 1)
	if one.CallerID == "" {
		one = lists.Claim{Contact: lists.Contact{Phone: number(3)}, CallerID: "+12065550102"}
	}
	who, err := l.OpenInbound(t.Context(), lists.InboundCall{ID: uuid.New(), To: one.CallerID, From: one.Contact.Phone, Node: "node"})
	require.NoError(t, err)
	require.Equal(t, []any{c.ID, one.CallerID}, []any{who.Campaign, who.CallerID})
	_, err = l.OpenInbound(t.Context(), lists.InboundCall{ID: uuid.New(), To: "+12065550177", From: number(5), Node: "node"})
	require.ErrorIs(t, err, lists.ErrNotFound, "not his campaign's")
}

// TestATrunkSaysWhichNumbersItShows: neither the campaign, nor its steering, nor a test of it gets past that, nor a change of the trunk
// past the campaign.
func TestATrunkSaysWhichNumbersItShows(t *testing.T) {
	l := newLedger(t)
	ctx := t.Context()
	const mine, second, foreign = "+12125550100", "+12125550101", "+12125550199"
	change := func(numbers ...string) error {
		_, err := l.UpdateTrunk(ctx, l.trunk, lists.TrunkChange{CallerIDs: &numbers})
		return err
	}
	require.NoError(t, change(mine, second))
	all, err := l.Trunks(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{mine, second}, all[0].CallerIDs)

	c := l.campaign(func(s *lists.Settings) { s.CallerIDs = []string{second} }, l.list(0, 1))
	wrong := func(err error, field string) {
		t.Helper()
		var settings lists.SettingsError
		require.ErrorAs(t, err, &settings)
		require.Equal(t, field, settings[0].Field)
		require.Contains(t, settings[0].Reason, "carrier does not let calls show "+foreign)
	}
	bad := c.Campaign
	bad.ID, bad.Name, bad.Settings.CallerID = uuid.Nil, "another", foreign
	_, err = l.CreateCampaign(ctx, bad)
	wrong(err, "caller_id")
	_, err = l.Steer(ctx, lists.By{}, c.ID, lists.Steering{Revision: c.Revision, CallerIDs: &[]string{second, foreign}})
	wrong(err, "caller_ids.1")
	require.NoError(t, l.SetStatus(ctx, c.ID, lists.Paused))
	var input *lists.InputError
	arms := []lists.Treatment{{Name: "as it is", Weight: 1}, {Name: "foreign", Weight: 1, CallerID: foreign}}
	_, err = c.begin(lists.NewExperiment{Arms: arms, Outcome: lists.OutcomeSuccess})
	require.ErrorAs(t, err, &input)
	require.Equal(t, "arms[1].caller_id", input.Field)

	require.ErrorAs(t, change(mine), &input)
	require.Equal(t, "caller_ids", input.Field)
	require.Contains(t, input.Reason, c.Name+" shows "+second)
	require.ErrorAs(t, change(mine, "12125550101"), &input)
	require.Equal(t, "caller_ids[1]", input.Field)
	steered, err := l.Steer(ctx, lists.By{}, c.ID, lists.Steering{Revision: c.Revision, CallerIDs: &[]string{}})
	require.NoError(t, err)
	require.Equal(t, mine, steered.Settings.CallerFor(person(1), number(1)))
	require.NoError(t, change(mine))
	require.NoError(t, change(), "any")
	changes, err := l.CampaignChanges(ctx, c.ID, 0, 10)
	require.NoError(t, err)
	require.Equal(t, "settings.caller_ids", changes[0].Field)
	require.JSONEq(t, `["`+second+`"]`, string(changes[0].From))
}
