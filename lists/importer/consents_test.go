package importer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

func consents(t *testing.T, content []byte, f importer.ConsentFile) (good []lists.Consent, bad []lists.Reject, err error) {
	t.Helper()
	err = importer.ReadConsents(bytes.NewReader(content), f, func(row importer.ConsentRow) error {
		if row.Reject != nil {
			bad = append(bad, *row.Reject)
			return nil
		}
		good = append(good, row.Consent)
		return nil
	})
	return good, bad, err
}

// TestConsentsOfAFile: what rows say goes before what the file says as a whole; wrong rows are named and do not keep the others out.
func TestConsentsOfAFile(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	until := day.AddDate(1, 0, 0)
	f := importer.ConsentFile{Region: "US", Purpose: "marketing", Evidence: "box 12", Source: "fair", GivenAt: day, Until: &until}
	text := "Phone,Customer ID,Purpose,Given At,Until,Evidence\n" +
		"(212) 555-0100,K-1,service,3/5/2026,2026-12-31T10:00:00Z,\"form 7, page 2\"\n" +
		"2.125550101E+09,,,,,\n" +
		",K-2,,2026-03-06 11:30:00,,\n" +
		"nobody,K-3,,,,\n" +
		"\n" +
		",,,,,x\n" +
		"2125550102,,,soon,,\n"
	good, bad, err := consents(t, []byte(text), f)
	require.NoError(t, err)
	require.Len(t, good, 3)
	end := time.Date(2026, 12, 31, 10, 0, 0, 0, time.UTC)
	require.Equal(t, lists.Consent{Phone: "+12125550100", Person: "K-1", Purpose: "service", Evidence: "form 7, page 2", Source: "fair", GivenAt: day.AddDate(0, 0, 4), Until: &end}, good[0])
	require.Equal(t, lists.Consent{Phone: "+12125550101", Purpose: "marketing", Evidence: "box 12", Source: "fair", GivenAt: day, Until: &until}, good[1])
	require.Equal(t, "K-2", good[2].Person)
	require.Equal(t, time.Date(2026, 3, 6, 11, 30, 0, 0, time.UTC), good[2].GivenAt)
	require.Len(t, bad, 3)
	require.Equal(t, []string{"phone", lists.PhoneInvalid, "nobody"}, []string{bad[0].Field, bad[0].Reason, bad[0].Record[0]})
	require.Equal(t, []string{"phone", lists.PhoneMissing}, []string{bad[1].Field, bad[1].Reason})
	require.Equal(t, []string{"given_at", importer.NotADay, "soon"}, []string{bad[2].Field, bad[2].Reason, bad[2].Value})
}

// TestConsentsInChinese: a GBK file with Chinese headers, and a workbook.
func TestConsentsInChinese(t *testing.T) {
	text, err := simplifiedchinese.GBK.NewEncoder().String("手机,用途,同意日期,证据\n13800138000,营销,2026年3月5日,门店表单第七号\n")
	require.NoError(t, err)
	good, bad, err := consents(t, []byte(text), importer.ConsentFile{Region: "CN"})
	require.NoError(t, err)
	require.Empty(t, bad)
	require.Equal(t, []lists.Consent{{Phone: "+8613800138000", Purpose: "营销", Evidence: "门店表单第七号", GivenAt: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)}}, good)

	book, err := os.ReadFile(filepath.Join("testdata", "customers.xlsx"))
	require.NoError(t, err)
	good, _, err = consents(t, book, importer.ConsentFile{Region: "CN", Purpose: "marketing", Evidence: "x"})
	require.NoError(t, err)
	require.NotEmpty(t, good)
	require.True(t, strings.HasPrefix(good[0].Phone, "+86"))
}

// TestNoFileOfConsents: what is none is refused with a reason.
func TestNoFileOfConsents(t *testing.T) {
	var file *importer.FileError
	for name, text := range map[string]string{"empty": "", "no number": "a,b\n1,2\n", "broken head": "\"a\n", "too wide": strings.Repeat("a,", 600) + "\n"} {
		_, _, err := consents(t, []byte(text), importer.ConsentFile{Region: "US"})
		require.ErrorAs(t, err, &file, name)
	}
	var input *lists.InputError
	_, _, err := consents(t, []byte("phone\n1\n"), importer.ConsentFile{Region: "XX"})
	require.ErrorAs(t, err, &input)
}
