package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/pacing/sim"
)

// small is a short campaign with a step.
func small(t *testing.T) *sim.Scenario {
	s, err := sim.Load("steps-10")
	require.NoError(t, err)
	s.Length, s.Warmup, s.Steps = time.Hour, 10*time.Minute, s.Steps[:1]
	s.Steps[0].At = 30 * time.Minute
	return s
}

func entries(t *testing.T, names ...string) (all []Entry) {
	for _, n := range names {
		e, err := Find(n)
		require.NoError(t, err)
		all = append(all, e)
	}
	return all
}

func made(t *testing.T, o Options) []*Report {
	r, err := Make(t.Context(), []*sim.Scenario{small(t)}, o)
	require.NoError(t, err)
	return r
}

func TestReportDoesNotDependOnWorkers(t *testing.T) {
	o := Options{Seeds: 3, SearchSeeds: 2, Pacers: entries(t, "ours", "power", "knows-all", "power:1.5")}
	var texts [2]bytes.Buffer
	for i, workers := range []int{1, 3} {
		o.Workers = workers
		require.NoError(t, JSON(&texts[i], made(t, o)))
	}
	require.Equal(t, texts[0].String(), texts[1].String())
	var back []Report
	require.NoError(t, json.Unmarshal(texts[0].Bytes(), &back))
	require.Len(t, back[0].Rows, 4)
	for _, row := range back[0].Rows {
		require.Len(t, row.Course, 60)
		require.Len(t, row.Steps, 1)
		require.Len(t, row.Figures, len(Figures))
		require.Zero(t, row.Sums.Cancelled)
		u := row.Figures["utilisation"]
		require.Equal(t, 3, u.N)
		require.True(t, u.Least <= u.Median && u.Median <= u.Most && u.Most <= 1)
	}
	require.NotEmpty(t, back[0].Rows[1].Settings, "the search says what it found")
	require.Greater(t, back[0].Rows[2].Figures["utilisation"].Mean, back[0].Rows[3].Figures["utilisation"].Mean, "who knows all is busier")
}

func TestProgressEndsAtOne(t *testing.T) {
	var last float64
	made(t, Options{Seeds: 2, SearchSeeds: 2, Pacers: entries(t, "progressive", "textbook"), Progress: func(done float64, what string) {
		require.GreaterOrEqual(t, done, last)
		require.NotEmpty(t, what)
		last = done
	}})
	require.InDelta(t, 1, last, 1e-9)
}

func TestMakeStopsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	n := 0
	_, err := Make(ctx, []*sim.Scenario{small(t)}, Options{Seeds: 50, Workers: 1, Pacers: entries(t, "progressive"), Progress: func(float64, string) {
		if n++; n == 2 {
			stop()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	require.LessOrEqual(t, n, 4)
}

func TestFindSaysWhatThereIs(t *testing.T) {
	for _, name := range []string{"nobody", "power:", "power:x", "power:0", "power:NaN", "ours:2"} {
		_, err := Find(name)
		require.ErrorContains(t, err, name)
	}
}

// TestPageNeedsNothingElse checks that the page is well-formed, names no address, has no script and no style but the one of its
// policy.
func TestPageNeedsNothingElse(t *testing.T) {
	reports := made(t, Options{Seeds: 2, Pacers: entries(t, "ours", "progressive", "power:3")})
	reports[0].Scenario.About = `<script>alert("x")</script>`
	reports = append(reports, reports[0])
	var b bytes.Buffer
	require.NoError(t, HTML(&b, "A & B", reports))
	text := b.String()
	for _, never := range []string{"<script", "http:", "https:", "url(", "style=", "NaN", "Inf", "@import"} {
		require.NotContains(t, text, never)
	}
	css := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(text)
	require.Len(t, css, 2)
	sum := sha256.Sum256([]byte(css[1]))
	require.Contains(t, html.UnescapeString(text), "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	svgs := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(text, -1)
	require.Greater(t, len(svgs), 10)
	for _, svg := range svgs {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); err != nil {
				require.True(t, errors.Is(err, io.EOF), "%v in %s", err, svg)
				break
			}
		}
	}
}

func TestTextNamesEachPacer(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Text(&b, made(t, Options{Seeds: 2, Pacers: entries(t, "ours", "progressive")})))
	for _, want := range []string{"ours", "progressive", "±", "after the step at 30m (live x 0.4)", "hang-ups"} {
		require.Contains(t, b.String(), want)
	}
}

func TestTicksAreRound(t *testing.T) {
	require.Equal(t, []float64{0, 0.25, 0.5, 0.75, 1}, ticks(0, 1, 4))
	require.Equal(t, []float64{0, 10, 20, 30}, ticks(-3, 33, 4))
	require.Empty(t, ticks(1, 1, 4))
}
