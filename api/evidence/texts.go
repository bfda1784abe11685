package evidence

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

const readme = `Evidence of how a campaign called
==================================

Campaign  %s
          %s
Period    %s up to %s (UTC; the end is not in it)
Made      %s

campaign.json            the campaign's settings at the moment when this pack was made
settings_history.csv     every change of them since the campaign was made, from the audit log
rules.json               the rule packs that the campaign is bound to now, with versions, sources and the date on which they were verified; the
                         rules that each attempt was asked for at its time are in permits.csv
attempts.csv             every attempt: number, times, outcome, agent, disposition
permits.csv              the permission that each attempt had before it was dialled, and the rules that were asked for it
transfer_permits.csv     outside numbers that agents dialled during calls
corrections.csv          outcomes that were corrected later; attempts.csv has both
abandoned.csv            calls that a person answered and no agent took in time, persons taken for machines among them
abandonment_ledger.csv   live answers and abandoned calls by quarter of an hour: any legal window is a sum of these
messages.csv             messages that were played: for callees whom no agent took in time, and announcements of recordings; which sound,
                         the SHA-256 of its files (one for each codec; empty where the dialer cannot read the switch's sounds), when it
                         began, how it ended. "not told": such a message was due, and the switch told of none: the callee hung up before
                         it, or the call was before such messages were put on record. Music and places in line are not on record
do_not_call.csv          requests of people called not to be called again; permits_after counts attempts permitted after the request
exceptions.csv           exceptions from rules that held for somebody who was called in the period: which rule, on which ground, who made them
registries.csv           the files of do-not-call registries that were loaded up to the period's end, and of which moment they were
consents.csv             consents of the numbers called
recordings.csv           the recordings, with the SHA-256 of each; the audio is not in this pack
recordings_deleted.csv   recordings that were deleted, and why
agents.csv               who talked
audit.csv                the audit log of the period with its hash chain
manifest.json            every file with its SHA-256, and where the audit log's chain stood

To check that nothing was changed: dialtide evidence verify FILE
`

// texts writes what is no table: the reader's guide, the settings, the rules.
func (p *packing) texts(ctx context.Context) error {
	err := p.file("README.txt", func(w io.Writer) (int64, error) {
		_, err := fmt.Fprintf(w, readme, p.m.Name, p.m.Campaign, p.m.From.Format("2006-01-02 15:04"), p.m.To.Format("2006-01-02 15:04"), p.m.MadeAt.Format("2006-01-02 15:04:05"))
		return 0, err
	})
	if err != nil {
		return err
	}
	var indented json.RawMessage = p.settings
	if err := p.json("campaign.json", map[string]any{"id": p.m.Campaign, "name": p.m.Name, "settings": indented}); err != nil {
		return err
	}
	packs, err := p.packs(ctx)
	if err != nil {
		return err
	}
	return p.json("rules.json", map[string]any{"packs": packs})
}

// packs are those that the campaign names, or those of the countries of its lists.
func (p *packing) packs(ctx context.Context) ([]*compliance.Pack, error) {
	var s lists.Settings
	if err := json.Unmarshal(p.settings, &s); err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, id := range s.Packs {
		ids[id] = true
	}
	if s.Packs == nil {
		rows, err := p.tx.Query(ctx, `SELECT DISTINCT l.region FROM campaign_lists cl JOIN lists l ON l.id = cl.list_id WHERE cl.campaign_id = $1`, p.ask.Campaign)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var country string
			if err := rows.Scan(&country); err != nil {
				return nil, err
			}
			for _, id := range compliance.PacksOf(country) {
				ids[id] = true
			}
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	packs := []*compliance.Pack{}
	for _, pack := range compliance.Packs() {
		if ids[pack.ID] {
			packs = append(packs, pack)
		}
	}
	return packs, nil
}
