package carrier

import "math"

const (
	sampleRate   = 8000
	frameSamples = 160 // 20 ms at 8 kHz: one RTP packet
	ulawSilence  = 0xFF
)

// linear holds the 16-bit value of every G.711 u-law code (ITU-T G.711).
var linear = func() (t [256]int16) {
	for code := range t {
		v := ^byte(code)
		magnitude := (int(v&0x0F)<<3+0x84)<<(v>>4&7) - 0x84
		if v&0x80 != 0 {
			magnitude = -magnitude
		}
		t[code] = int16(magnitude)
	}
	return t
}()

// encodeUlaw gives the u-law code nearest below a 16-bit sample.
func encodeUlaw(sample int16) byte {
	v, sign := int(sample), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, 32635) + 0x84
	exponent := byte(7)
	for mask := 0x4000; exponent > 0 && v&mask == 0; mask >>= 1 {
		exponent--
	}
	mantissa := byte(v>>(exponent+3)) & 0x0F
	return ^(sign | exponent<<4 | mantissa)
}

// sine renders one second of a tone at the given peak amplitude; whole-Hz tones loop over it without a click.
func sine(hz int, amplitude float64) []byte {
	out := make([]byte, sampleRate)
	for i := range out {
		out[i] = encodeUlaw(int16(amplitude * math.Sin(2*math.Pi*float64(hz)*float64(i)/sampleRate)))
	}
	return out
}

// chord renders one second of two equally loud tones, as call progress tones are.
func chord(a, b int, amplitude float64) []byte {
	out := make([]byte, sampleRate)
	for i := range out {
		t := 2 * math.Pi * float64(i) / sampleRate
		v := math.Sin(t*float64(a)) + math.Sin(t*float64(b))
		out[i] = encodeUlaw(int16(amplitude / 2 * v))
	}
	return out
}
