package carrier

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// direction is the media direction of a session description, seen by the side that wrote it.
type direction string

const (
	sendRecv direction = "sendrecv"
	sendOnly direction = "sendonly"
	recvOnly direction = "recvonly"
	inactive direction = "inactive"
)

// mirrored is the answer to an offer's direction.
func (d direction) mirrored() direction {
	switch d {
	case sendOnly:
		return recvOnly
	case recvOnly:
		return sendOnly
	}
	return d
}

// receives says whether the side that wrote the description wants packets.
func (d direction) receives() bool { return d == sendRecv || d == recvOnly }

// session is what this package needs from a session description (RFC 8866): where the far end wants its
// audio, and the payload type of telephone events (0 if not offered).
type session struct {
	media     netip.AddrPort
	events    uint8
	direction direction
}

var errNoAudio = errors.New("carrier: no RTP/AVP audio with G.711 u-law in the session description")

// parseSession reads the first audio stream. It fails if there is none that carries u-law on IPv4.
func parseSession(body []byte) (session, error) {
	s := session{direction: sendRecv}
	var host netip.Addr
	var port uint16
	var inAudio, ulaw bool
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "m="):
			if port != 0 {
				return s.at(host, port, ulaw) // the first audio stream ends here
			}
			port, ulaw = audioLine(line)
			inAudio = port != 0
		case strings.HasPrefix(line, "c=IN IP4 "):
			if a, err := netip.ParseAddr(strings.TrimSpace(line[len("c=IN IP4 "):])); err == nil {
				host = a
			}
		case inAudio && strings.HasPrefix(line, "a=rtpmap:"):
			id, name, _ := strings.Cut(line[len("a=rtpmap:"):], " ")
			if n, err := strconv.ParseUint(id, 10, 7); err == nil && strings.EqualFold(name, "telephone-event/8000") {
				s.events = uint8(n)
			}
		case strings.HasPrefix(line, "a="):
			for _, d := range [...]direction{sendRecv, sendOnly, recvOnly, inactive} { // do not keep the body alive
				if line[2:] == string(d) {
					s.direction = d
				}
			}
		}
	}
	return s.at(host, port, ulaw)
}

func (s session) at(host netip.Addr, port uint16, ulaw bool) (session, error) {
	if port == 0 || !ulaw || !host.Is4() {
		return session{}, errNoAudio
	}
	if host.IsUnspecified() { // the hold of RFC 2543
		s.direction = inactive
	}
	s.media = netip.AddrPortFrom(host, port)
	return s, nil
}

// audioLine reads "m=audio PORT RTP/AVP FORMATS"; the port is 0 if it is something else.
func audioLine(line string) (port uint16, ulaw bool) {
	f := strings.Fields(line[2:])
	if len(f) < 4 || f[0] != "audio" || f[2] != "RTP/AVP" {
		return 0, false
	}
	n, err := strconv.ParseUint(f[1], 10, 16)
	if err != nil {
		return 0, false
	}
	for _, format := range f[3:] {
		ulaw = ulaw || format == "0"
	}
	return uint16(n), ulaw
}

const ownEvents = 101 // payload type of telephone events in our own offers

// describe writes our session description; version must grow with each new offer or answer of a dialog.
func describe(local netip.AddrPort, version int, events uint8, d direction) []byte {
	host := local.Addr()
	b := make([]byte, 0, 256)
	b = fmt.Appendf(b, "v=0\r\no=- %d %d IN IP4 %s\r\ns=call\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP 0",
		local.Port(), version, host, host, local.Port())
	if events > 0 {
		b = fmt.Appendf(b, " %d\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-16", events, events, events)
	} else {
		b = fmt.Append(b, "\r\na=rtpmap:0 PCMU/8000")
	}
	return fmt.Appendf(b, "\r\na=ptime:20\r\na=%s\r\n", d)
}
