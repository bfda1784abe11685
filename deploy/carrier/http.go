package carrier

import (
	"encoding/json"
	"net/http"
	"slices"
)

// Stats counts what a carrier has seen since it was started.
type Stats struct {
	Invites   int64          `json:"invites"`
	Answered  int64          `json:"answered"`
	Open      int            `json:"open"`
	Peak      int            `json:"peak"`       // most calls open at once
	Kinds     map[Kind]int64 `json:"kinds"`      // calls by behaviour
	Statuses  map[int]int64  `json:"statuses"`   // ended calls by final SIP status; 0 never got one
	Dialogs   int            `json:"dialogs"`    // remembered, including those ended less than 32 s ago
	Received  int64          `json:"received"`   // SIP messages
	Sent      int64          `json:"sent"`       // SIP messages
	Malformed int64          `json:"malformed"`  // SIP messages dropped
	Options   int64          `json:"options"`    // OPTIONS answered
	Stalls    int64          `json:"rtp_stalls"` // 20 ms rounds of RTP left out because this process got no CPU
	Latencies Latencies      `json:"answer_to_voice"`
}

// Stats is a snapshot.
func (c *Carrier) Stats() Stats {
	s := Stats{
		Kinds: map[Kind]int64{}, Statuses: map[int]int64{}, Dialogs: c.e.live(), Received: c.e.received.Load(),
		Sent: c.e.sent.Load(), Malformed: c.e.malformed.Load(), Options: c.e.options.Load(), Latencies: c.Latencies(),
	}
	if c.media != nil {
		s.Stalls = c.media.skipped.Load()
	}
	c.mu.Lock()
	s.Open, s.Peak = len(c.open), c.peak
	c.mu.Unlock()
	l := c.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	s.Invites, s.Answered = l.next-1, l.answered
	for k, n := range l.counts {
		s.Kinds[k] = n
	}
	for k, n := range l.statuses {
		s.Statuses[k] = n
	}
	return s
}

// Handler serves the carrier's controls; it has no authentication and belongs on loopback.
//
//	GET  /mix    the mix
//	PUT  /mix    replace it; fields left out keep their value; 400 with the reason if it is not valid
//	GET  /stats  Stats
//	GET  /calls  the open calls as Invites, oldest first; ?all=1 gives the whole ledger
func (c *Carrier) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mix", func(w http.ResponseWriter, _ *http.Request) { reply(w, c.Mix()) })
	mux.HandleFunc("PUT /mix", c.putMix)
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) { reply(w, c.Stats()) })
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, r *http.Request) {
		calls := c.Invites()
		if r.URL.Query().Get("all") == "" {
			calls = slices.DeleteFunc(calls, func(v Invite) bool { return !v.Ended.IsZero() })
		}
		reply(w, calls)
	})
	return mux
}

func (c *Carrier) putMix(w http.ResponseWriter, r *http.Request) {
	m := c.Mix()
	m.Weights = nil // maps are merged by json: take the new weights whole
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	body.DisallowUnknownFields()
	if err := body.Decode(&m); err != nil {
		http.Error(w, "carrier: mix: "+err.Error(), http.StatusBadRequest)
		return
	}
	if m.Weights == nil {
		m.Weights = c.Mix().Weights
	}
	if err := c.SetMix(m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply(w, c.Mix())
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // the client went away
}
