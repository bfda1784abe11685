package lists_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// written gives a number in one of the ways in which people write it, or something like a number.
func written(rnd *rand.Rand, region string) string {
	digits := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('0' + rnd.IntN(10))
		}
		return string(b)
	}
	types := []phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE, phonenumbers.PREMIUM_RATE, phonenumbers.TOLL_FREE, phonenumbers.VOIP}
	n := phonenumbers.GetExampleNumberForType(region, types[rnd.IntN(len(types))])
	if n == nil {
		n = phonenumbers.GetExampleNumber(region)
	}
	national := phonenumbers.GetNationalSignificantNumber(n)
	keep := rnd.IntN(len(national) + 1)
	national = national[:keep] + digits(len(national)-keep)
	if rnd.IntN(8) == 0 {
		national = national[:rnd.IntN(len(national)+1)] + digits(rnd.IntN(4))
	}
	code := fmt.Sprint(phonenumbers.GetCountryCodeForRegion(region))
	switch rnd.IntN(9) {
	case 0:
		return "+" + code + national
	case 1:
		return code + national
	case 2:
		return "0" + national
	case 3:
		return "00" + code + national
	case 4:
		return "1" + national
	case 5:
		return "+" + code + "0" + national
	case 6:
		return digits(rnd.IntN(20))
	}
	return national
}

// TestNumberReaderSaysWhatTheLibrarySays compares the two in every region that there is.
func TestNumberReaderSaysWhatTheLibrarySays(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for region := range phonenumbers.GetSupportedRegions() {
		n := 20
		switch region {
		case "US", "CN", "GB", "DE", "FR", "IT", "CA", "AU":
			n = 500
		}
		r := lists.NewNumberReader(region)
		for range n {
			from := region
			if rnd.IntN(10) == 0 {
				from = []string{"US", "CN", "GB", "DE", "IT", "BS"}[rnd.IntN(6)]
			}
			raw := written(rnd, from)
			want, why := lists.ParseNumber(raw, region)
			got, reason := r.Parse(raw)
			require.Equal(t, why, reason, "%s in %s: %+v", raw, region, want)
			require.Equal(t, want, got, "%s in %s", raw, region)
		}
	}
}

func FuzzNumberReader(f *testing.F) {
	for _, s := range []string{"+12125550101", "(212) 555-0101", "13812345678", "010 6552 9988", "+86 138 1234 5678", "07911 123456", "０１０", "+", "8.6138E+12", "0039 06 1234"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(1))
		f.Add(s, uint8(2))
	}
	regions := []string{"US", "CN", "GB", "DE", "IT", "BR"}
	readers := make([]*lists.NumberReader, len(regions))
	for i, r := range regions {
		readers[i] = lists.NewNumberReader(r)
	}
	f.Fuzz(func(t *testing.T, raw string, which uint8) {
		i := int(which) % len(regions)
		want, why := lists.ParseNumber(raw, regions[i])
		got, reason := readers[i].Parse(raw)
		require.Equal(t, why, reason)
		require.Equal(t, want, got)
	})
}

func BenchmarkNumberReader(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 2))
	raw := make([]string, 100_000)
	for i := range raw {
		raw[i] = fmt.Sprintf("(%d) %d-%04d", 201+rnd.IntN(780), 200+rnd.IntN(800), rnd.IntN(10000))
	}
	r := lists.NewNumberReader("US")
	for _, s := range raw {
		r.Parse(s)
	}
	b.ResetTimer()
	for i := range b.N {
		r.Parse(raw[i%len(raw)])
	}
}
