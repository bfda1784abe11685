package e2e

import (
	"archive/zip"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// listManagerAnswersForPeople: finds a person, sees his whole way and why he is not called, records a consent, suppresses him,
// loads a registry, and looks rules up; all by the pages.
func (d *desktop) listManagerAnswersForPeople() {
	c := d.campaign([]string{number(61), number(62)}, nil)
	var contact string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT id::text FROM contacts WHERE list_id = $1 AND phone = $2`, c.ListIDs[0], number(61)).Scan(&contact))
	p := d.sit("marc", "/contacts")
	d.findsByNumber(p, contact)
	p.see(id("contact"))
	p.open("/contacts/" + contact) // the number is in other lists, too
	p.see(id("journey-loaded"))
	p.click(id("place", fmt.Sprintf("[data-campaign=%q]", c.ID)) + " " + id("why-link"))
	p.see(id("why-verdict", `[data-dialable="false"][data-rule="campaign"]`))
	p.reads(id("why-answer", `[data-rule="campaign"]`), "The campaign is not running")
	p.accessible("why a contact")

	p.open("/contacts/" + contact)
	p.click(id("contact-more"))
	p.click(id("contact-consent-add"))
	p.fill(id("consent-evidence"), "Said so on the phone "+evil)
	p.click(id("consent-save"))
	p.see(id("contact-consent", `[data-consent-state="valid"]`))
	p.reads(id("journey-consent"), "Said so on the phone "+evil)
	p.click(id("add-dnc"))
	p.click(id("dnc-save"))
	p.see(id("on-dnc"))
	p.see(id("journey-dnc"))
	p.nothingRan()
	var entries int
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT count(*) FROM dnc WHERE phone = $1`, number(61)).Scan(&entries))
	require.Equal(d.t, 1, entries)
	d.campaignSaysWhy(p, c)
	d.ruleIsLifted(p, c, contact)
	d.registryLoads(p)
	d.consentsOfAFile(p)
	d.rulesAreShown(p)
	d.personIsForgotten(p, c)
}

// ruleIsLifted: the page that says why offers to except the number from a rule that can be lifted; the exception stands with the
// contact and in the list of all.
func (d *desktop) ruleIsLifted(p *tab, c lists.Campaign, contact string) {
	c, err := d.admin.Campaign(d.ctx(), c.ID)
	require.NoError(d.t, err)
	c.Settings.Packs, c.Settings.NoPacks = []string{"us-federal"}, false
	_, err = d.admin.UpdateCampaign(d.ctx(), c)
	require.NoError(d.t, err)
	p.open("/contacts/" + contact + "/why/" + c.ID.String())
	p.click(id("why-answer", `[data-rule="us.registry"][data-pass="false"]`) + " " + id("why-lift"))
	p.click(id("override-ground-relationship"))
	p.fill(id("override-why"), "Bought the family tariff "+evil)
	p.accessible("the form of an exception")
	p.click(id("override-save"))
	p.see(id("why-answer", `[data-rule="us.registry"][data-pass="true"]`))
	p.reads(id("why-answer", `[data-rule="us.registry"]`), "Bought the family tariff")
	p.open("/contacts/" + contact)
	p.see(id("contact-override", `[data-override-state="valid"]`))
	p.open("/dnc/overrides")
	row := id("override-row", fmt.Sprintf("[data-rule=%q][data-phone=%q]", "us.registry", number(61)))
	p.reads(row, "Bought the family tariff "+evil)
	p.click(row + " " + id("override-end"))
	p.fill(id("reason-text"), "the contract ended")
	p.click(id("reason-ok"))
	p.see(row + "[data-override-state=ended]")
	p.nothingRan()
}

// consentsOfAFile: good rows are taken, wrong ones told and given back as a file that runs nothing.
func (d *desktop) consentsOfAFile(p *tab) {
	p.open("/dnc/consents")
	p.click(id("consent-file"))
	p.pick(`[role="dialog"] input[type="file"]`, d.listFile("consents.csv", []byte("phone,purpose,given_at,evidence\n2065550190,marketing,2026-01-05,form 1\n12,marketing,2026-01-05,=HYPERLINK(A1)\n2065550191,marketing,someday,form 3\n")))
	p.click(id("consent-file-load"))
	p.see(id("consent-file-report", `[data-added="1"][data-rejected="2"]`))
	p.see(id("consent-file-reject", `[data-reason="phone_invalid"]`))
	p.see(id("consent-file-reject", `[data-reason="not_a_date"]`))
	p.accessible("what became of a file of consents")
	text := d.download(p, "consents-to-mend*.csv", func() { p.click(id("consent-file-rejects")) })
	require.Contains(d.t, text, "phone,purpose,given_at,evidence,")
	require.Contains(d.t, text, "12,marketing,2026-01-05,'=HYPERLINK(A1)")
	p.click(id("consent-file-close"))
	p.see(id("consent-row", `[data-phone="+12065550190"]`))
}

// personIsForgotten: everything known of a person as a ZIP file; then he is erased, and the page says what stays.
func (d *desktop) personIsForgotten(p *tab, c lists.Campaign) {
	var contact string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT id::text FROM contacts WHERE list_id = $1 AND phone = $2`, c.ListIDs[0], number(62)).Scan(&contact))
	p.open("/contacts/" + contact)
	p.click(id("contact-more"))
	file := d.download(p, "person-*.zip", func() { p.click(id("contact-record")) })
	found, err := zip.NewReader(strings.NewReader(file), int64(len(file)))
	require.NoError(d.t, err)
	require.NotEmpty(d.t, found.File)
	require.Equal(d.t, "record.json", found.File[0].Name)
	p.gone(id("person-file"))

	p.click(id("contact-more"))
	p.click(id("contact-erase"))
	p.reads(id("erase-stays"), "a hash of each number")
	p.fill(id("erase-reason"), "asked by letter")
	p.fill(id("erase-number"), number(62))
	p.accessible("the dialog that erases")
	p.click(id("erase-confirm"))
	p.see(id("erased"))
	p.reads(id("erased"), "Numbers suppressed for good")
	p.click(id("erased-close"))
	p.until("the search", `location.pathname === "/contacts"`)
	var left int
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT count(*) FROM contacts WHERE phone = $1`, number(62)).Scan(&left))
	require.Zero(d.t, left)
}

// findsByNumber searches by the last digits and goes into the results with the keyboard.
func (d *desktop) findsByNumber(p *tab, contact string) {
	p.fill(id("find"), number(61)[2:])
	p.see(id("found-row", fmt.Sprintf("[data-contact=%q]", contact)))
	p.accessible("the search")
	p.press(kb.ArrowDown)
	p.until("the first result to have the focus", `document.activeElement?.hasAttribute('data-row-link')`)
	p.press(kb.Enter)
}

// campaignSaysWhy: a campaign that stands still says so, and where its contacts are.
func (d *desktop) campaignSaysWhy(p *tab, c lists.Campaign) {
	p.open("/campaigns/" + c.ID.String() + "/why")
	p.see(id("why-verdict", `[data-dialable="false"][data-reason="campaign"]`))
	p.see(id("why-bars"))
	p.until("the bars to add up to both contacts", `[...document.querySelectorAll('[data-why]')].reduce((n, e) => n + Number(e.textContent), 0) === 2`)
}

// registryLoads makes a registry and loads a file with a line that holds no number.
func (d *desktop) registryLoads(p *tab) {
	name := "Registry " + uuid.NewString()[:8]
	p.click(id("nav-dnc"))
	p.see(id("dnc-row", fmt.Sprintf("[data-phone=%q]", number(61))))
	p.click(id("tab-registries"))
	p.click(id("add-registry"))
	p.fill(id("registry-name"), name)
	p.click(id("registry-save"))
	p.reads(id("registry"), name)
	p.reads(id("registry-age"), "Nothing loaded yet")
	p.click(id("registry-load-file"))
	p.pick(`input[type="file"]`, d.listFile("registry of today.txt", []byte("2065551234\n2065551235\n2065551236\n")))
	p.click(id("registry-begin"))
	p.see(id("registry-load", `[data-load-state="done"]`))
	p.reads(id("registry-numbers"), "3")
	p.reads(id("registry-age"), "Young enough")
	p.gone(`[role="dialog"]`)
	p.see(id("need", `[data-region="US"][data-need-state="fresh"]`))
	p.see(id("need", `[data-region="CA"][data-need-state="missing"]`))
	p.click(id("registry-area-change"))
	p.fill(`[role="dialog"] input:not([type="hidden"])`, "206, US-FL")
	p.press(kb.Tab)
	p.click(id("coverage-save"))
	p.gone(`[role="dialog"]`)
	p.reads(id("registry-area"), "+1206, US-FL")
	p.accessible("the registries")
	p.click(id("tab-consents"))
	p.see(id("consent-row", fmt.Sprintf("[data-phone=%q]", number(61))))
}

// rulesAreShown: each rule with its source, its mark and the day on which somebody read that; a pack answers for a number.
func (d *desktop) rulesAreShown(p *tab) {
	p.click(id("nav-rules"))
	p.click(id("pack-row", `[data-pack="us-federal"]`))
	p.see(id("rule-row", `[data-rule="us.hours"]`))
	p.reads(id("rule-row", `[data-rule="us.hours"]`), "47 CFR 64.1200(c)(1)")
	p.reads(id("rule-row", `[data-rule="us.hours"]`), "Verified on ")
	p.fill(id("rule-search"), "debt")
	p.gone(id("rule-row", `[data-rule="us.hours"]`))
	p.see(id("rule-row", `[data-rule="us.debt.calls"]`))
	p.click(id("try-rules"))
	p.fill(id("try-phone"), "+12065550100")
	p.click(id("try-ask"))
	p.see(id("try-verdict", `[data-permit="false"]`)) // there is no registry of the whole country
	p.see(id("why-answer", `[data-rule="us.registry"][data-pass="false"]`))
	p.accessible("the rules")
	p.nothingRan()
}
