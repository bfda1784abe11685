package compliance

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Custom is the name of the pack that a campaign's own rules belong to.
const Custom = "custom"

// Pack is the reviewed rules of one jurisdiction.
type Pack struct {
	ID        string               `yaml:"id" json:"id"`
	Version   string               `yaml:"version" json:"version" doc:"day of the last review"`
	Covers    []string             `yaml:"covers" json:"covers" doc:"ISO 3166 codes of the countries whose numbers and addresses it is for"`
	Title     string               `yaml:"title" json:"title"`
	TitleZH   string               `yaml:"title_zh" json:"title_zh"`
	Calendars map[string][]Holiday `yaml:"calendars" json:"calendars,omitempty" doc:"holidays that rules name"`
	Rules     []Rule               `yaml:"rules" json:"rules"`

	calendars map[string]*calendar
}

//go:embed packs/*.yaml
var packFiles embed.FS

// packs are the embedded ones. That they can be read is the promise of a test; a broken one would stop the program at once.
var packs = func() []*Pack {
	files, err := packFiles.ReadDir("packs")
	if err != nil {
		panic(err) // the binary is broken
	}
	out := make([]*Pack, 0, len(files))
	for _, f := range files {
		text, err := packFiles.ReadFile(path.Join("packs", f.Name()))
		if err != nil {
			panic(err)
		}
		p, err := ParsePack(text)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", f.Name(), err))
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *Pack) int { return strings.Compare(a.ID, b.ID) })
	return out
}()

// Packs returns the packs that come with the program, by id. They are read only.
func Packs() []*Pack { return packs }

// FindPack returns an embedded pack, nil when there is none of that id.
func FindPack(id string) *Pack {
	for _, p := range packs {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// PacksOf returns the ids of the embedded packs for a country (ISO 3166-1).
func PacksOf(country string) (ids []string) {
	for _, p := range packs {
		if slices.Contains(p.Covers, country) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// ParsePack reads a pack file. It refuses what it does not know, a rule without source, mark or day of verification, and marks
// other than V and S.
func ParsePack(text []byte) (*Pack, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	p := &Pack{calendars: map[string]*calendar{}}
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := d.Decode(new(yaml.Node)); err != io.EOF {
		return nil, fmt.Errorf("pack %s: more than one document", p.ID)
	}
	if err := p.head(); err != nil {
		return nil, err
	}
	for name, days := range p.Calendars {
		c, err := newCalendar(name, days)
		if err != nil {
			return nil, fmt.Errorf("pack %s: calendar %s: %w", p.ID, name, err)
		}
		p.calendars[name] = c
	}
	seen := map[string]bool{}
	for i := range p.Rules {
		r := &p.Rules[i]
		r.pack = p
		if err := p.rule(r); err != nil {
			return nil, fmt.Errorf("pack %s: %w", p.ID, err)
		}
		if seen[r.ID] {
			return nil, fmt.Errorf("pack %s: rule %s is there twice", p.ID, r.ID)
		}
		seen[r.ID] = true
	}
	return p, nil
}

func (p *Pack) head() error {
	if _, err := time.Parse(time.DateOnly, p.Version); err != nil {
		return fmt.Errorf("pack %s: the version must be a day", p.ID)
	}
	if !ruleID.MatchString(p.ID) || p.ID == Custom || p.Title == "" || p.TitleZH == "" || len(p.Covers) == 0 || len(p.Rules) == 0 {
		return fmt.Errorf("pack %q: id, titles, covers and rules are wanted", p.ID)
	}
	for _, c := range p.Covers {
		if len(c) != 2 || !regionName.MatchString(c) {
			return fmt.Errorf("pack %s: %q is no country", p.ID, c)
		}
	}
	return nil
}

// rule checks what a pack's rule must have more than a campaign's own.
func (p *Pack) rule(r *Rule) error {
	if err := r.validate(); err != nil {
		return err
	}
	bad := func(field, reason string) error { return &RuleError{r.ID, field, reason} }
	switch {
	case r.TitleZH == "":
		return bad("title_zh", "is missing")
	case r.Source == "":
		return bad("source", "is missing")
	case r.Mark == "":
		return bad("mark", "is missing")
	case r.Verified == "":
		return bad("verified", "is missing")
	}
	for _, w := range r.Where {
		if !slices.Contains(p.Covers, w[:2]) {
			return bad("where", w+" is not covered by the pack")
		}
	}
	for _, h := range r.Holidays {
		if p.calendars[h] == nil {
			return bad("holidays", "there is no calendar "+h)
		}
	}
	return nil
}

// ValidateCustom checks rules that a campaign makes for itself.
func ValidateCustom(rules []Rule) error {
	seen := map[string]bool{}
	for i := range rules {
		r := &rules[i]
		if err := r.validate(); err != nil {
			return err
		}
		if len(r.Holidays) > 0 {
			return &RuleError{r.ID, "holidays", "are of packs only"}
		}
		if seen[r.ID] {
			return &RuleError{r.ID, "id", "is there twice"}
		}
		seen[r.ID] = true
	}
	return nil
}
