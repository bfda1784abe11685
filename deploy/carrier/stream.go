package carrier

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"time"
)

const (
	payloadUlaw  = 0
	digitSymbols = "0123456789*#ABCD"
	digitFrames  = 5 // a DTMF digit lasts 100 ms
	digitGap     = 3 // and is followed by 60 ms of sound
	digitEnds    = 3 // its last packet is sent three times (RFC 4733 section 2.5.1.4)
)

// stream is the audio of one call: a sender in the grid and a listener.
type stream struct {
	media  *Media
	socket *rtpSocket
	slot   int
	heard  listener
	ended  chan struct{}

	mu     sync.Mutex
	remote netip.AddrPort // written under socket.mu too
	joined bool
	closed bool
	paused bool // the far end does not want packets
	sound  player
	events uint8 // payload type of telephone events, 0 if not agreed
	digits []byte
	frame  int // packets sent of the first digit
	began  uint32
	first  bool
	ssrc   uint32
	seq    uint16
	clock  uint32
}

// connect sets the agreed session and starts the sound.
func (s *stream) connect(remote session, sound []segment) {
	s.mu.Lock()
	s.events, s.paused = remote.events, !remote.direction.receives()
	if remote.media != s.remote {
		s.socket.move(s, remote.media)
	}
	s.heard.setEvents(remote.events)
	if sound != nil {
		s.sound = player{segments: sound}
	}
	join := !s.joined && !s.closed
	if join {
		s.joined, s.first = true, true
	}
	s.mu.Unlock()
	if !join {
		return
	}
	s.media.join(s)
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed { // close came between and did not find it in the grid
		s.media.leave(s)
	}
}

// play changes what is sent from the next packet on.
func (s *stream) play(sound []segment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sound = player{segments: sound}
}

// dial queues DTMF digits; unknown ones are left out. It reports false if telephone events were not agreed.
func (s *stream) dial(digits string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.events == 0 {
		return false
	}
	for _, r := range digits {
		for code, symbol := range digitSymbols {
			if r == symbol {
				s.digits = append(s.digits, byte(code))
			}
		}
	}
	return true
}

func (s *stream) close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	joined := s.joined
	s.mu.Unlock()
	if joined {
		s.media.leave(s)
	}
	s.socket.release(s)
	close(s.ended)
}

// send writes the packet that is due; it runs in the ticking goroutine.
func (s *stream) send(packet []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	payload := packet[12 : 12+frameSamples]
	s.sound.next(payload) // time goes on while nothing is sent
	clock := s.clock
	s.clock += frameSamples
	if s.paused || s.closed {
		return
	}
	kind, stamp, n := byte(payloadUlaw), clock, frameSamples
	if s.first {
		kind, s.first = kind|0x80, false
	}
	if len(s.digits) > 0 {
		kind, stamp, n = s.digit(payload, clock)
		if n == 0 { // the pause between digits
			kind, stamp, n = payloadUlaw, clock, frameSamples
		}
	}
	packet[0], packet[1] = 0x80, kind
	binary.BigEndian.PutUint16(packet[2:], s.seq)
	binary.BigEndian.PutUint32(packet[4:], stamp)
	binary.BigEndian.PutUint32(packet[8:], s.ssrc)
	s.seq++
	// An error here is a lost packet; the far end is the judge of loss.
	_, _ = s.socket.conn.WriteToUDPAddrPort(packet[:12+n], s.remote)
}

// digit writes the next event packet of the first queued digit; n is 0 in the pause after it.
func (s *stream) digit(payload []byte, clock uint32) (kind byte, stamp uint32, n int) {
	kind = s.events
	if s.frame == 0 {
		s.began, kind = clock, kind|0x80
	}
	s.frame++
	if s.frame > digitFrames+digitEnds {
		if s.frame == digitFrames+digitEnds+digitGap {
			s.digits, s.frame = s.digits[1:], 0
		}
		return 0, 0, 0
	}
	payload[0], payload[1] = s.digits[0], 10
	if s.frame > digitFrames {
		payload[1] |= 0x80
	}
	binary.BigEndian.PutUint16(payload[2:], uint16(min(s.frame, digitFrames)*frameSamples))
	return kind, s.began, 4
}

// receive takes one RTP packet apart and hands it to the listener.
func (s *stream) receive(at time.Time, packet []byte) {
	start := 12 + 4*int(packet[0]&0x0F)
	if packet[0]>>6 != 2 || packet[0]&0x10 != 0 || len(packet) < start { // header extensions are never offered
		return
	}
	s.heard.packet(at, packet[1]&0x7F, binary.BigEndian.Uint16(packet[2:]), binary.BigEndian.Uint32(packet[4:]), packet[start:])
}
