package carrier

import (
	"math"
	"math/bits"
	"math/cmplx"
	"slices"
)

const (
	blockSamples = 1024  // 128 ms: a spectrum of 7.8 Hz per bin
	minAmplitude = 300.0 // amplitude below which a tone counts as not there
	toneShare    = 0.15  // share of all power a tone must hold to count as heard among up to three talkers
	minToneHz    = 250   // below lies the pitch of voices, above 3500 Hz the edge of the telephone band
	maxToneHz    = 3500
)

// hann weighs a block so that a tone's power stays within two bins of its frequency.
func hann(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
	}
	return w
}

var (
	blockWindow = hann(blockSamples)
	waitWindow  = hann(waitSamples)
	reversed    = func() (t [blockSamples]uint16) {
		for i := range t {
			t[i] = uint16(bits.Reverse16(uint16(i)) >> (16 - 10)) // 1024 is 2 to the 10th
		}
		return t
	}()
	twiddles = func() []complex128 {
		t := make([]complex128, blockSamples/2)
		for i := range t {
			t[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/blockSamples)
		}
		return t
	}()
)

// toneIn tells by Goertzel's algorithm whether a tone of hz is among the u-law samples: it must hold
// toneShare of the power and be loud enough to be heard. The window is Hann's, so two tones are told apart
// when they lie at least 4*8000/len(samples) Hz from each other (40 Hz for 100 ms).
func toneIn(samples []byte, hz float64) bool {
	n := len(samples)
	if n < frameSamples {
		return false
	}
	coefficient := 2 * math.Cos(2*math.Pi*hz/sampleRate)
	window := waitWindow
	if n != waitSamples {
		window = hann(n)
	}
	var s1, s2, total float64
	for i, code := range samples {
		x := float64(linear[code]) * window[i]
		total += x * x
		s1, s2 = x+coefficient*s1-s2, s1
	}
	power := s1*s1 + s2*s2 - coefficient*s1*s2
	// A lone tone of amplitude A gives power (A*n/4)^2 under this window, and total A*A*n*3/16.
	amplitude := 4 * math.Sqrt(power) / float64(n)
	share := amplitude * amplitude * float64(n) * 3 / 16 / max(total, 1)
	return amplitude >= minAmplitude && share >= toneShare
}

// tonesIn lists the tones that hold toneShare of the power of one block, ascending, within about 2 Hz.
func tonesIn(block *[blockSamples]byte) []float64 {
	var spectrum [blockSamples]complex128
	var total float64
	for i, code := range block {
		x := float64(linear[code]) * blockWindow[i]
		total += x * x
		spectrum[reversed[i]] = complex(x, 0)
	}
	if total < minAmplitude*minAmplitude {
		return nil
	}
	transform(&spectrum)
	var power [blockSamples / 2]float64
	for i := range power {
		re, im := real(spectrum[i]), imag(spectrum[i])
		power[i] = re*re + im*im
	}
	var found []float64
	const perBin = float64(sampleRate) / blockSamples
	const first, last = minToneHz * blockSamples / sampleRate, maxToneHz * blockSamples / sampleRate
	for i := first; i < last; i++ {
		left, peak, right := power[i-1], power[i], power[i+1]
		if peak < left || peak <= right {
			continue
		}
		// By Parseval the power of one side of the spectrum is total*n/2; a Hann peak spreads over three bins.
		share := (left + peak + right) / (total * blockSamples / 2)
		if share < toneShare || 4*math.Sqrt(peak)/blockSamples < minAmplitude {
			continue
		}
		found = append(found, (float64(i)+peakOffset(math.Sqrt(left), math.Sqrt(peak), math.Sqrt(right)))*perBin)
	}
	slices.Sort(found)
	return found
}

// peakOffset places a peak between bins for Hann's window from its larger neighbour.
func peakOffset(left, peak, right float64) float64 {
	if right >= left {
		r := right / peak
		return (2*r - 1) / (r + 1)
	}
	r := left / peak
	return -(2*r - 1) / (r + 1)
}

// transform is an in-place radix-2 FFT over bit-reversed input.
func transform(a *[blockSamples]complex128) {
	for size := 2; size <= blockSamples; size *= 2 {
		half, stride := size/2, blockSamples/size
		for start := 0; start < blockSamples; start += size {
			for k := range half {
				u, v := a[start+k], a[start+k+half]*twiddles[k*stride]
				a[start+k], a[start+k+half] = u+v, u-v
			}
		}
	}
}
