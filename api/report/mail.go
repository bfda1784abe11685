package report

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"github.com/dialtide/dialtide/lists"
)

// Mail is the server that takes mails. With Plain it may be one without TLS, which is for a server on the same machine; otherwise the
// connection is encrypted by STARTTLS before anything of a mail or a password is said.
type Mail struct {
	Addr           string // host:port; empty: there is none
	From           string // address of the sender
	User, Password string
	Plain          bool
	Roots          *x509.CertPool // nil: the system's
}

const mailTime = 2 * time.Minute

// errPerhapsSent says that the server had the whole mail and its answer was lost.
var errPerhapsSent = errors.New("the connection broke when the mail server had the whole mail: it may have been sent")

// letter is a mail with a file.
type letter struct {
	to                       []string
	subject, text, file, typ string
	content                  []byte
}

func letterOf(s *Schedule, q Question, t Table, file []byte) letter {
	zh := s.Language == "zh-CN"
	lines := []string{s.Name, q.From + " – " + q.To + " (" + q.Zone + ")", ""}
	for _, id := range []string{"attempts", "connects", "contacts", "successes"} {
		for _, k := range KPIs {
			if v := t.Total.KPI[k.ID]; k.ID == id && v != nil {
				name := k.Name.EN
				if zh {
					name = k.Name.ZH
				}
				lines = append(lines, fmt.Sprintf("%s: %.0f", name, *v))
			}
		}
	}
	typ := "text/csv; charset=utf-8"
	if s.Format == "xlsx" {
		typ = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return letter{to: strings.Split(s.Target, ", "), subject: s.Name + " " + q.From + " – " + q.To, text: strings.Join(lines, "\r\n") + "\r\n",
		file: "report-" + string(q.Group) + "-" + q.From + "-" + q.To + "." + s.Format, typ: typ, content: file}
}

// bytes writes the mail as RFC 5322 and MIME want it. Texts are encoded: none can add a header.
func (l letter) bytes(from string, now time.Time) ([]byte, error) {
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@dialtide>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n",
		from, strings.Join(l.to, ", "), mime.QEncoding.Encode("utf-8", l.subject), now.Format(time.RFC1123Z), lists.NewID(), parts.Boundary())
	for _, p := range []struct {
		head    textproto.MIMEHeader
		content []byte
	}{
		{textproto.MIMEHeader{"Content-Type": {"text/plain; charset=utf-8"}}, []byte(l.text)},
		{textproto.MIMEHeader{"Content-Type": {l.typ}, "Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": l.file})}}, l.content},
	} {
		p.head["Content-Transfer-Encoding"] = []string{"base64"}
		w, err := parts.CreatePart(p.head)
		if err != nil {
			return nil, err
		}
		text := base64.StdEncoding.EncodeToString(p.content)
		for len(text) > 0 {
			n := min(76, len(text))
			if _, err := w.Write([]byte(text[:n] + "\r\n")); err != nil {
				return nil, err
			}
			text = text[n:]
		}
	}
	err := parts.Close()
	return b.Bytes(), err
}

// send hands a mail over. begin is called when the server has taken sender and recipients, before the text; its error stops the mail.
// errPerhapsSent: nobody knows.
func (m Mail) send(ctx context.Context, l letter, begin func() error) error {
	if m.Addr == "" {
		return errors.New("no mail server is configured (smtp-addr)")
	}
	text, err := l.bytes(m.From, time.Now())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	c, err := m.open(ctx)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", m.Addr, err)
	}
	defer c.Close()
	if err := c.Mail(m.From); err != nil {
		return fmt.Errorf("mail server: sender %s: %w", m.From, err)
	}
	for _, to := range l.to {
		if err := c.Rcpt(to); err != nil {
			return fmt.Errorf("mail server: recipient %s: %w", to, err)
		}
	}
	w, err := c.Data()
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	if err := begin(); err != nil {
		return err // without the final dot the server drops it
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	err = w.Close()
	var refused *textproto.Error
	if errors.As(err, &refused) {
		return fmt.Errorf("mail server: %w", err)
	}
	if err != nil {
		return fmt.Errorf("%w (%s)", errPerhapsSent, err.Error())
	}
	_ = c.Quit() // it has the mail
	return nil
}

// open connects, encrypts and signs in.
func (m Mail) open(ctx context.Context) (*smtp.Client, error) {
	host, _, err := net.SplitHostPort(m.Addr)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.Addr)
	if err != nil {
		return nil, err
	}
	if at, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(at); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := m.greet(c, host); err != nil {
		_ = c.Close() // why the greeting failed is what counts
		return nil, err
	}
	return c, nil
}

func (m Mail) greet(c *smtp.Client, host string) error {
	if tlsToo, _ := c.Extension("STARTTLS"); tlsToo {
		if err := c.StartTLS(&tls.Config{ServerName: host, RootCAs: m.Roots, MinVersion: tls.VersionTLS12}); err != nil {
			return err
		}
	} else if !m.Plain {
		return errors.New("it offers no STARTTLS, and nothing is sent without (smtp-plain allows it)")
	}
	if m.User == "" {
		return nil
	}
	return c.Auth(smtp.PlainAuth("", m.User, m.Password, host))
}
