package carrier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	socketBuffer = 4 << 20 // bytes asked of the kernel; it may give less
	slots        = 20      // senders are spread over the 20 ms of a packet in steps of 1 ms
	slotLength   = time.Millisecond
	catchUp      = 5 * slots // after a stall of more than 100 ms packets are left out, not sent in a burst
)

// Media sends and receives the audio of any number of calls with one ticking goroutine and one goroutine per
// RTP socket. Each sender has a random place in the 20 ms grid, so that latencies measured between many parties
// of one process do not all land on the same step. Carriers and phones may share one; Close it after them.
type Media struct {
	log     *slog.Logger
	stop    context.CancelFunc
	stopped context.Context
	done    sync.WaitGroup
	wake    chan struct{} // a first sender came

	mu      sync.Mutex // sockets, random, grid membership
	random  *rand.Rand
	sockets []*rtpSocket
	grid    [slots]slot
	senders atomic.Int64
	skipped atomic.Int64 // 20 ms rounds left out after a stall
}

type slot struct {
	mu      sync.Mutex
	streams []*stream
}

// NewMedia starts an engine; seed places the senders in the grid.
func NewMedia(seed uint64, log *slog.Logger) *Media {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := &Media{
		log: log, stop: cancel, stopped: ctx, wake: make(chan struct{}, 1),
		random: rand.New(rand.NewPCG(seed, 0x6d65646961)),
	}
	m.done.Go(m.tick)
	return m
}

// Close stops all sending and closes the sockets.
func (m *Media) Close() error {
	m.stop()
	m.mu.Lock()
	sockets := m.sockets
	m.sockets = nil
	m.mu.Unlock()
	var err error
	for _, s := range sockets {
		err = errors.Join(err, s.conn.Close())
	}
	m.done.Wait()
	return err
}

// tick sends what is due, slot by slot, and rests while nobody sends.
func (m *Media) tick() {
	timer := time.NewTimer(slotLength)
	defer timer.Stop()
	packet := make([]byte, 12+frameSamples)
	start, done := time.Now(), int64(0) // done: slots handled since start
	for {
		select {
		case <-m.stopped.Done():
			return
		case <-timer.C:
		case <-m.wake:
		}
		due := int64(time.Since(start) / slotLength)
		if due-done > catchUp {
			m.skipped.Add((due - done) / slots)
			done = due - slots
		}
		for ; done < due; done++ {
			m.grid[done%slots].send(packet)
		}
		if m.senders.Load() == 0 {
			timer.Stop() // until wake
			continue
		}
		timer.Reset(time.Until(start.Add(time.Duration(m.following(done)) * slotLength)))
	}
}

// following is the number of the next slot after done that has senders, or the one a round later.
func (m *Media) following(done int64) int64 {
	for next := done; next < done+slots; next++ {
		s := &m.grid[next%slots]
		s.mu.Lock()
		busy := len(s.streams) > 0
		s.mu.Unlock()
		if busy {
			return next + 1
		}
	}
	return done + slots
}

func (s *slot) send(packet []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stream := range s.streams {
		stream.send(packet)
	}
}

// join puts a stream into its slot of the grid. Not while holding the stream's lock: a slot locks its streams.
func (m *Media) join(s *stream) {
	g := &m.grid[s.slot]
	g.mu.Lock()
	g.streams = append(g.streams, s)
	g.mu.Unlock()
	m.senders.Add(1)
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *Media) leave(s *stream) {
	g := &m.grid[s.slot]
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.streams {
		if other == s {
			last := len(g.streams) - 1
			g.streams[i], g.streams[last] = g.streams[last], nil
			g.streams = g.streams[:last]
			m.senders.Add(-1)
			return
		}
	}
}

// open gives a stream between a local address and remote. Packets are told apart by their source, so one socket
// serves all calls of an address unless two of them talk to the same remote port. Where remote is not known yet
// (our own INVITE) the stream gets a socket on which nobody else waits for a stranger.
func (m *Media) open(local netip.Addr, remote netip.AddrPort) (*stream, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped.Err() != nil {
		return nil, net.ErrClosed
	}
	s := &stream{
		media: m, ssrc: m.random.Uint32(), seq: uint16(m.random.Uint32()), clock: m.random.Uint32(),
		slot: m.random.IntN(slots), ended: make(chan struct{}),
	}
	for _, socket := range m.sockets {
		if socket.local.Addr() == local && socket.claim(remote, s) {
			return s, nil
		}
	}
	socket, err := newRTPSocket(local)
	if err != nil {
		return nil, err
	}
	socket.claim(remote, s)
	m.sockets = append(m.sockets, socket)
	m.done.Go(func() { socket.read(m.log) })
	return s, nil
}

// rtpSocket is one UDP socket shared by streams to different remote ports.
type rtpSocket struct {
	conn  *net.UDPConn
	local netip.AddrPort

	mu      sync.RWMutex
	streams map[netip.AddrPort]*stream
}

func newRTPSocket(local netip.Addr) (*rtpSocket, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
	if err != nil {
		return nil, fmt.Errorf("carrier: RTP socket: %w", err)
	}
	err = errors.Join(conn.SetReadBuffer(socketBuffer), conn.SetWriteBuffer(socketBuffer), stampArrivals(conn))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("carrier: RTP socket options: %w", err), conn.Close())
	}
	return &rtpSocket{conn: conn, local: conn.LocalAddr().(*net.UDPAddr).AddrPort(), streams: map[netip.AddrPort]*stream{}}, nil
}

// claim takes remote for s; false if it is taken. The zero remote stands for a stranger.
func (s *rtpSocket) claim(remote netip.AddrPort, stream *stream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.streams[remote]; taken {
		return false
	}
	s.streams[remote] = stream
	stream.socket, stream.remote = s, remote
	return true
}

// move follows a stream to a new remote. A remote taken by another stream of this socket is taken over:
// the far end's port has a new user.
func (s *rtpSocket) move(stream *stream, remote netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[stream.remote] == stream {
		delete(s.streams, stream.remote)
	}
	s.streams[remote] = stream
	stream.remote = remote
}

func (s *rtpSocket) release(stream *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[stream.remote] == stream {
		delete(s.streams, stream.remote)
	}
}

func (s *rtpSocket) read(log *slog.Logger) {
	buffer, control := make([]byte, 2048), make([]byte, 64)
	for {
		n, nc, _, from, err := s.conn.ReadMsgUDPAddrPort(buffer, control)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			log.Debug("RTP read", "socket", s.local, "err", err)
			continue
		}
		s.mu.RLock()
		stream := s.streams[from]
		s.mu.RUnlock()
		if stream != nil && n >= 12 {
			stream.receive(arrival(control[:nc]), buffer[:n])
		}
	}
}
