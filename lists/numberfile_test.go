package lists_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// FuzzReadNumbers: whatever a file holds, its numbers are numbers, its bad lines are counted and shown in a bounded way, and
// reading ends without a panic.
func FuzzReadNumbers(f *testing.F) {
	for _, seed := range []struct{ text, region, column string }{
		{"2125550100\n", "US", ""}, {"area,phone\n212,5550100\n", "US", ""}, {"a;b\n1;\"+442079460001\"\n", "GB", "b"}, {"\xef\xbb\xbf电话\n13800138000\n", "CN", ""},
		{"\"never closed\n1,2,3\n", "DE", "2"}, {"\xff\xfe1\x002\x00", "US", ""}, {strings.Repeat("1", 70_000), "IT", ""}, {"0,0\r\n\x00,\x00", "US-FL", "1"}, {"", "FR", "x"},
	} {
		f.Add([]byte(seed.text), seed.region, seed.column)
	}
	e164 := regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)
	f.Fuzz(func(t *testing.T, text []byte, region, column string) {
		var n int64
		read, err := lists.ReadNumbers(bytes.NewReader(text), lists.NumberFile{Region: region, Column: column, Tolerate: 3}, func(phone string) error {
			n++
			if !e164.MatchString(phone) {
				t.Errorf("%q is no number", phone)
			}
			return nil
		})
		var input *lists.InputError
		if err != nil && !errors.Is(err, lists.ErrBadLines) && !errors.As(err, &input) {
			t.Errorf("an error that says nothing: %v", err)
		}
		if read.Numbers != n || read.Bad > 3+1001 || len(read.BadLines) > 100 || read.Numbers+read.Bad > read.Lines {
			t.Errorf("%+v does not add up", read)
		}
		for _, bad := range read.BadLines {
			if !utf8.ValidString(bad.Value) || utf8.RuneCountInString(bad.Value) > 60 || bad.Reason == "" {
				t.Errorf("bad line %+v", bad)
			}
		}
	})
}

// TestNumbersByShape: the fast way says of real numbers what the slow one says.
func TestNumbersByShape(t *testing.T) {
	for region, numbers := range map[string][]string{
		"US": {"2125550100", "12125550100", "+12125550100", "(212) 555-0100", "+442079460001"},
		"GB": {"02079460001", "02079460002", "2079460003", "447400123456", "07400123456", "07400123457", "+33123456789"},
		"DE": {"03012345678", "03012345679", "4930123456", "+4915112345678", "015112345678"},
		"IT": {"0612345678", "0612345679", "3123456789", "+390612345678"},
		"AU": {"0212345678", "0412345678", "61412345678", "0412345679"},
		"CN": {"13800138000", "13800138001", "01012345678", "8613800138000", "02112345678"},
	} {
		var fast []string
		read, err := lists.ReadNumbers(strings.NewReader(strings.Join(numbers, "\n")), lists.NumberFile{Region: region}, func(phone string) error {
			fast = append(fast, phone)
			return nil
		})
		require.NoError(t, err)
		require.Zero(t, read.Bad, "%s: %+v", region, read.BadLines)
		for i, raw := range numbers {
			slow, reason := lists.ParseNumber(raw, region)
			require.Empty(t, reason, raw)
			require.Equal(t, slow.E164, fast[i], "%s in %s", raw, region)
		}
	}
}
