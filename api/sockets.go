package api

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// sockets are the open WebSockets of this process, so that they can be cut with the session that they came with.
type sockets struct {
	mu   sync.Mutex
	open map[*socket]struct{}
}

type socket struct {
	user  uuid.UUID
	token string // hashed
	cut   func() // closes the connection; does not block
}

func newSockets() *sockets { return &sockets{open: map[*socket]struct{}{}} }

func (s *sockets) add(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[k] = struct{}{}
}

func (s *sockets) remove(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, k)
}

func (s *sockets) cutWhere(match func(*socket) bool) {
	s.mu.Lock()
	var cut []*socket
	for k := range s.open {
		if match(k) {
			cut = append(cut, k)
		}
	}
	s.mu.Unlock()
	for _, k := range cut {
		k.cut()
	}
}

func (s *sockets) cutToken(token string) {
	s.cutWhere(func(k *socket) bool { return k.token == token })
}

func (s *sockets) tokens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := make(map[string]bool, len(s.open))
	var tokens []string
	for k := range s.open {
		if !seen[k.token] {
			seen[k.token] = true
			tokens = append(tokens, k.token)
		}
	}
	return tokens
}

// watchSockets cuts sockets whose session has ended or whose user was disabled, by whichever process or hand.
func (s *Server) watchSockets(ctx context.Context) error {
	return every(ctx, s.opts.WatchEvery, func() {
		if err := s.checkSockets(ctx); err != nil && ctx.Err() == nil {
			// While the database is away nobody is cut: talks go on, and nothing can be changed there either.
			s.opts.Log.Warn("sessions of open sockets not checked, will be tried again", "err", err)
		}
	})
}

func (s *Server) checkSockets(ctx context.Context) error {
	tokens := s.sockets.tokens()
	if len(tokens) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	alive, err := s.store.alive(ctx, tokens)
	if err != nil {
		return err
	}
	asked := make(map[string]bool, len(tokens))
	for _, t := range tokens {
		asked[t] = true
	}
	s.sockets.cutWhere(func(k *socket) bool { return asked[k.token] && !alive[k.token] })
	return nil
}

// sweepSessions deletes expired sessions every ten minutes.
func (s *Server) sweepSessions(ctx context.Context) error {
	return every(ctx, 10*time.Minute, func() {
		ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
		defer cancel()
		if err := s.store.sweep(ctx); err != nil && ctx.Err() == nil {
			s.opts.Log.Warn("expired sessions not deleted, will be tried again", "err", err)
		}
	})
}

// every calls f now and then at each interval until ctx ends, and returns nil.
func every(ctx context.Context, interval time.Duration, f func()) error {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		f()
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}
