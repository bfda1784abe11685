package recording

import (
	"encoding/binary"
	"io"
	"time"
)

const (
	sampleRate     = 8000 // Hz, what G.711 carries
	channels       = 2    // customer left, agent right
	bytesPerSample = 2
	frameBytes     = channels * bytesPerSample
	wavHeaderBytes = 44
)

// wavHeader describes dataBytes of stereo PCM, after the canonical RIFF layout (Multimedia Programming Interface and
// Data Specifications 1.0, 1991).
func wavHeader(dataBytes uint32) []byte {
	h := make([]byte, 0, wavHeaderBytes)
	le := binary.LittleEndian
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, dataBytes+wavHeaderBytes-8)
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 16) // size of the format chunk
	h = le.AppendUint16(h, 1)  // PCM
	h = le.AppendUint16(h, channels)
	h = le.AppendUint32(h, sampleRate)
	h = le.AppendUint32(h, sampleRate*frameBytes)
	h = le.AppendUint16(h, frameBytes)
	h = le.AppendUint16(h, 8*bytesPerSample)
	h = append(h, "data"...)
	return le.AppendUint32(h, dataBytes)
}

// writeWAV copies whole frames of raw PCM (size bytes, an odd rest is dropped) behind a header.
func writeWAV(w io.Writer, raw io.Reader, size int64) error {
	size -= size % frameBytes
	if _, err := w.Write(wavHeader(uint32(size))); err != nil {
		return err
	}
	_, err := io.CopyN(w, raw, size)
	return err
}

// duration of size bytes of raw stereo PCM.
func duration(size int64) time.Duration {
	return time.Duration(size/frameBytes) * time.Second / sampleRate
}
