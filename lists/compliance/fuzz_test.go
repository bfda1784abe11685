package compliance_test

import (
	"testing"
	"time"

	"github.com/dialtide/dialtide/lists/compliance"
)

// bytesLeft deals out numbers from a fuzzer's bytes; zeros when there are no more.
type bytesLeft []byte

func (b *bytesLeft) take(n int) int {
	if len(*b) == 0 || n <= 0 {
		return 0
	}
	x := int((*b)[0])
	if *b = (*b)[1:]; n > 256 && len(*b) > 0 {
		x, *b = x<<8|int((*b)[0]), (*b)[1:]
	}
	return x % n
}

// FuzzCheck makes campaigns and cases of bytes. Whatever they are: the verdict comes, Until is later, and what is asked again
// at Until is permitted then, and not a second before.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"", "0", "a midnight-crossing window in two zones", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\xff\xfe\xfd\xfc"} {
		f.Add([]byte(seed), int64(1772953200), int32(0))
	}
	f.Fuzz(func(t *testing.T, raw []byte, unix int64, nanos int32) {
		b := bytesLeft(raw)
		now := time.Unix(unix%(200*365*86400), int64(nanos))
		s := compliance.Setup{CallerID: "+1", Ring: 20, Activity: compliance.Activities[b.take(4)]}
		for d := range s.Hours {
			for range b.take(3) {
				s.Hours[d] = append(s.Hours[d], compliance.Span{From: b.take(1440), To: b.take(1441)})
			}
		}
		for _, p := range compliance.Packs() {
			if b.take(2) == 1 {
				s.Packs = append(s.Packs, p.ID)
			}
		}
		s.Cap = compliance.Cap{Max: b.take(4), Window: compliance.Seconds(b.take(65536))}
		r, err := compliance.Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		c := &compliance.Case{Number: somePlaces[b.take(len(somePlaces))], Consent: b.take(4) > 0, Agent: b.take(2) > 0,
			Registries: map[string]time.Time{"US": now.Add(-time.Duration(b.take(40)) * 24 * time.Hour), "CA": now}}
		if b.take(2) == 1 {
			c.Address = somePlaces[b.take(len(somePlaces))]
		}
		for range b.take(6) {
			c.Attempts = append(c.Attempts, now.Add(-time.Duration(b.take(65536))*time.Minute))
		}
		for _, last := range []*time.Time{&c.Refused, &c.Talked, &c.Abandoned} {
			if b.take(3) == 1 {
				*last = now.Add(-time.Duration(b.take(65536)) * time.Minute)
			}
		}
		refusal, refused := r.Check(now, c)
		v := r.Judge(now, c)
		if v.Permit == refused || v.Refusal != refusal {
			t.Fatalf("Check %+v, Judge %+v", refusal, v.Refusal)
		}
		if !refused {
			return
		}
		if refusal.Rule == "" || refusal.Why == "" || refusal.WhyZH == "" {
			t.Fatalf("a refusal that says nothing: %+v", refusal)
		}
		if refusal.Until.IsZero() {
			return
		}
		if !refusal.Until.After(now) || refusal.Act {
			t.Fatalf("at %v: %+v", now, refusal)
		}
		if again, refused := r.Check(refusal.Until, c); refused {
			t.Fatalf("until %v is refused: %+v", refusal.Until, again)
		}
		if just := refusal.Until.Add(-time.Nanosecond); just.After(now) {
			if early, refused := r.Check(just, c); !refused || !early.Until.Equal(refusal.Until) {
				t.Fatalf("until %v, but at %v: %v %+v", refusal.Until, just, refused, early)
			}
		}
	})
}
