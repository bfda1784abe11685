package report_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/lists"
)

// postOffice is a mail server on the loopback that speaks STARTTLS.
type postOffice struct {
	addr  string
	roots *x509.CertPool
	cert  tls.Certificate

	mu     sync.Mutex
	mails  []string
	inTLS  []bool
	rcpt   []string
	refuse string // answer to RCPT instead of 250
	cut    bool   // break the connection when the whole mail is there
	bare   bool   // no STARTTLS
}

func newPostOffice(t *testing.T) *postOffice {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	require.NoError(t, err)
	made, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	p := &postOffice{roots: x509.NewCertPool(), cert: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}}
	p.roots.AddCert(made)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.addr = l.Addr().String()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		all.Wait()
	})
	return p
}

func (p *postOffice) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	in, sealed := bufio.NewReader(c), false
	say := func(text string) { _, _ = fmt.Fprintf(c, "%s\r\n", text) }
	say("220 ready")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse, cut, bare := p.refuse, p.cut, p.bare
		p.mu.Unlock()
		switch verb := strings.ToUpper(strings.TrimSpace(line)); {
		case strings.HasPrefix(verb, "EHLO"):
			if !sealed && !bare {
				say("250-hello")
				say("250 STARTTLS")
			} else {
				say("250-hello")
				say("250 AUTH PLAIN")
			}
		case strings.HasPrefix(verb, "AUTH"):
			say("235 ok")
		case verb == "STARTTLS":
			say("220 go")
			sec := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{p.cert}})
			c, in, sealed = sec, bufio.NewReader(sec), true
		case strings.HasPrefix(verb, "RCPT"):
			if refuse != "" {
				say(refuse)
				continue
			}
			p.mu.Lock()
			p.rcpt = append(p.rcpt, strings.TrimSpace(line))
			p.mu.Unlock()
			say("250 ok")
		case verb == "DATA":
			say("354 go")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(line)
			}
			p.mu.Lock()
			p.mails, p.inTLS = append(p.mails, text.String()), append(p.inTLS, sealed)
			p.mu.Unlock()
			if cut {
				return
			}
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (p *postOffice) with(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *past) schedules(office *postOffice) *report.Schedules {
	return report.NewSchedules(p.pool, report.Sending{Read: p.read, Now: func() time.Time { return p.now },
		Mail: report.Mail{Addr: office.addr, From: "reports@example.com", User: "u", Password: "p", Roots: office.roots},
		Render: func(w io.Writer, t report.Table, _ string, _ bool) error {
			_, err := fmt.Fprintf(w, "%d rows", len(t.Rows))
			return err
		},
		Audit: func(ctx context.Context, object string, detail map[string]any) error {
			return p.store.Audit(ctx, uuid.Nil, "export.report", object, detail)
		}})
}

func daily(target string) report.Schedule {
	return report.Schedule{Name: "Morning\r\nBcc: x@example.com 早报", Plan: report.SendPlan{Group: "campaign", Period: "yesterday", Every: "day", At: "07:00"}, Way: "mail", Target: target,
		Format: "csv", Language: "en", Zone: "Europe/Berlin", Enabled: true}
}

// TestAReportIsMailedOnceAtItsTime has two processes look at once, again and again.
func TestAReportIsMailedOnceAtItsTime(t *testing.T) {
	p := newPast(t, 1)
	office := newPostOffice(t)
	a, b := p.schedules(office), p.schedules(office)
	made, err := a.Put(t.Context(), p.agents[0], daily("boss@example.com, Chief <chief@example.com>"))
	require.NoError(t, err)
	require.Equal(t, "2026-03-31T05:00:00Z", made.DueAt.UTC().Format(time.RFC3339), "07:00 in summer time")
	require.NoError(t, a.RunOnce(t.Context()))
	require.Empty(t, office.mails, "it is not due yet")

	p.now = made.DueAt.Add(time.Second)
	var both sync.WaitGroup
	for _, s := range []*report.Schedules{a, b, a, b} {
		both.Go(func() { require.NoError(t, s.RunOnce(context.Background())) })
	}
	both.Wait()
	require.NoError(t, a.RunOnce(t.Context()))
	require.Len(t, office.mails, 1)
	require.True(t, office.inTLS[0])
	require.Len(t, office.rcpt, 2)
	head, _, _ := strings.Cut(office.mails[0], "\r\n\r\n")
	require.NotContains(t, head, "\r\nBcc:", "a name adds no header")
	require.Contains(t, office.mails[0], `filename=report-campaign-2026-03-30-2026-03-30.csv`)
	is, err := a.Get(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, "sent", is.Last.State)
	require.Equal(t, "2026-04-01T05:00:00Z", is.DueAt.UTC().Format(time.RFC3339))

	p.now = p.now.AddDate(0, 0, 5) // nobody ran for days: one report makes up for them
	require.NoError(t, b.RunOnce(t.Context()))
	require.Len(t, office.mails, 2)
	require.Contains(t, office.mails[1], "2026-04-04")
}

// TestWhatCannotBeMailedIsTriedAgainAndSaid looks at refusals, at a server without TLS, and at one that dies with the mail.
func TestWhatCannotBeMailedIsTriedAgainAndSaid(t *testing.T) {
	p := newPast(t, 1)
	office := newPostOffice(t)
	s := p.schedules(office)
	made, err := s.Put(t.Context(), p.agents[0], daily("boss@example.com"))
	require.NoError(t, err)
	last := func() report.Delivery {
		is, err := s.Get(t.Context(), made.ID)
		require.NoError(t, err)
		return *is.Last
	}
	p.now = made.DueAt
	office.with(func() { office.refuse = "550 5.1.1 no such mailbox" })
	for try := 1; try <= 8; try++ {
		require.NoError(t, s.RunOnce(t.Context()))
		require.Equal(t, try, last().Tries)
		require.Contains(t, last().Error, "no such mailbox")
		p.exec(`UPDATE report_schedules SET enabled = false`) // no other one meanwhile
		p.now = p.now.Add(9 * time.Hour)
	}
	require.Equal(t, "failed", last().State)
	require.Empty(t, office.mails)

	p.exec(`UPDATE report_schedules SET enabled = true, due_at = $1`, p.now)
	office.with(func() { office.refuse, office.bare = "", true })
	require.NoError(t, s.RunOnce(t.Context()))
	require.Contains(t, last().Error, "no STARTTLS")
	p.now = p.now.Add(2 * time.Minute)
	office.with(func() { office.bare, office.cut = false, true })
	require.NoError(t, s.RunOnce(t.Context()))
	require.Equal(t, "unknown", last().State)
	p.now = p.now.Add(time.Hour)
	office.with(func() { office.cut = false })
	require.NoError(t, s.RunOnce(t.Context()))
	require.Len(t, office.mails, 1, "a mail that may have been sent is not sent again")

	var input *lists.InputError
	for field, change := range map[string]func(*report.Schedule){
		"target": func(s *report.Schedule) { s.Target = "nobody" }, "zone": func(s *report.Schedule) { s.Zone = "Mars" }, "name": func(s *report.Schedule) { s.Name = " " },
		"plan.at": func(s *report.Schedule) { s.Plan.At = "29:00" }, "plan.weekday": func(s *report.Schedule) { s.Plan.Every = "week" }, "plan.period": func(s *report.Schedule) { s.Plan.Period = "ever" },
		"target webhook": func(s *report.Schedule) { s.Way, s.Target = "webhook", "none" },
	} {
		bad := daily("a@example.com")
		change(&bad)
		_, err := s.Put(t.Context(), p.agents[0], bad)
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, field[:len(input.Field)], input.Field)
	}
	made.Revision = 7
	_, err = s.Put(t.Context(), p.agents[0], made)
	require.ErrorIs(t, err, lists.ErrStale)
	require.NoError(t, s.Delete(t.Context(), made.ID))
	require.ErrorIs(t, s.Delete(t.Context(), made.ID), lists.ErrNotFound)
}

// TestAReportIsPostedOnce queues a webhook's post in the transaction that ends the delivery.
func TestAReportIsPostedOnce(t *testing.T) {
	p := newPast(t, 1)
	p.exec(`INSERT INTO webhooks (id, name, url, secret, topics) VALUES ($1, 'head office', 'https://example.com/hook', decode(repeat('00', 32), 'hex'), '{}')`, uuid.New())
	s := p.schedules(newPostOffice(t))
	n := daily("head office")
	n.Way = "webhook"
	made, err := s.Put(t.Context(), p.agents[0], n)
	require.NoError(t, err)
	p.now = made.DueAt
	require.NoError(t, s.RunOnce(t.Context()))
	require.NoError(t, s.RunOnce(t.Context()))
	var posts int
	require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT count(*) FROM webhook_posts WHERE topic = 'report.ready'`).Scan(&posts))
	require.Equal(t, 1, posts)
}

// TestSchedulesKeepTheirWallClock over changes of clocks, and by week and month.
func TestSchedulesKeepTheirWallClock(t *testing.T) {
	s := daily("x")
	var got []string
	for at, i := time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), 0; i < 4; i++ {
		at = s.Next(at)
		got = append(got, at.UTC().Format("01-02 15:04"))
	}
	require.Equal(t, []string{"03-28 06:00", "03-29 05:00", "03-30 05:00", "03-31 05:00"}, got)
	s.Plan.At = "02:30" // does not exist on the 29th, and comes once nevertheless
	a := s.Next(time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC))
	require.Equal(t, 29, a.Day())
	require.Equal(t, 30, s.Next(a).Day())
	s.Plan.Every, s.Plan.Weekday = "week", 1
	require.Equal(t, time.Monday, s.Next(begin).Weekday())
	s.Plan.Every = "month"
	require.Equal(t, "2026-04-01", s.Next(begin).Format(time.DateOnly))
	q, err := s.Question(time.Date(2026, 4, 1, 0, 30, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Equal(t, "2026-03-31", q.From)
	s.Plan.Period = "last_month"
	q, err = s.Question(time.Date(2026, 4, 1, 0, 30, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Equal(t, "2026-03-01 2026-03-31", q.From+" "+q.To)
	s.Plan.Period = "last_week"
	q, err = s.Question(time.Date(2026, 4, 1, 0, 30, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Equal(t, "2026-03-23 2026-03-29", q.From+" "+q.To)
}
