package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/transform"
)

// Files that somebody put together of several have lines of UTF-8 among those of GBK or Big5. Read as GBK, such a line makes other
// characters without any sign that something is wrong; so each line is looked at by itself.

// foreign reports whether a line of a file in GBK or Big5 is UTF-8: it is valid, which lines of those hardly ever are, and has bytes
// that neither GB2312 nor Big5 uses.
func foreign(line []byte) bool {
	if !utf8.Valid(line) {
		return false
	}
	long, other := false, false
	for _, c := range line {
		long = long || c >= 0xe0
		other = other || c >= 0x80 && c <= 0xa0
	}
	return long && other
}

// partedLines looks at the whole lines of text that are not ASCII: how many are valid UTF-8 and how many are not, and those that
// would be read as GBK or Big5.
func partedLines(text []byte) (own []byte, valid, broken int) {
	for rest := text; len(rest) > 0; {
		n := bytes.IndexByte(rest, '\n') + 1
		if n == 0 {
			break
		}
		line := rest[:n]
		rest = rest[n:]
		if bytes.IndexFunc(line, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
			continue
		}
		if utf8.Valid(line) {
			valid++
		} else {
			broken++
		}
		if !foreign(line) {
			own = append(own, line...)
		}
	}
	if valid+broken == 0 {
		own = text
	}
	return own, valid, broken
}

// encoders are those of the encodings in which lines may be UTF-8.
var encoders = map[string]func() transform.Transformer{
	encodingGB:   func() transform.Transformer { return simplifiedchinese.GB18030.NewEncoder() },
	encodingBig5: func() transform.Transformer { return traditionalchinese.Big5.NewEncoder() },
}

// oneEncoding decodes text of an encoding; where that is GBK or Big5, some lines may be UTF-8.
func oneEncoding(b *bufio.Reader, encoding string) io.Reader {
	encoder, ok := encoders[encoding]
	if !ok {
		return transform.NewReader(b, decoders[encoding]())
	}
	return transform.NewReader(&mixed{b: b, encoder: encoder()}, decoders[encoding]())
}

// mixed gives text line by line, those in UTF-8 brought into the encoding of the others. A line that this encoding cannot hold gets
// bytes that are no text in it: the row is rejected.
type mixed struct {
	b       *bufio.Reader
	encoder transform.Transformer
	left    []byte // of a line, not yet read
	err     error  // behind it
}

// Read implements io.Reader.
func (m *mixed) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(m.left) == 0 {
			if m.err != nil || n > 0 && m.b.Buffered() == 0 {
				break
			}
			m.next()
		}
		k := copy(p[n:], m.left)
		m.left, n = m.left[k:], n+k
	}
	if n == 0 && len(p) > 0 {
		return 0, m.err
	}
	return n, nil
}

// next takes the next line, or as much of it as the buffer holds.
func (m *mixed) next() {
	line, err := m.b.ReadSlice('\n')
	if m.left = line; errors.Is(err, bufio.ErrBufferFull) {
		return // too long to be looked at
	}
	m.err = err
	if !foreign(line) {
		return
	}
	own, _, err := transform.Bytes(m.encoder, line)
	if err != nil {
		own = bytes.Clone(line)
		for i, c := range own {
			if c >= utf8.RuneSelf {
				own[i] = 0xff
			}
		}
	}
	m.left = own
}
