package lists

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCRMAddressKeepsValuesInTheirPlace(t *testing.T) {
	s := CRMSettings{CRMURL: "https://crm.example/c/{name}?tel={phone}&city={fields.City}#{attempt}"}
	require.Empty(t, s.validate())
	got := s.CRMAddress(CRMFacts{Name: "a/../b?x=1&y", Phone: "+8613800138000", Attempt: "42", Fields: map[string]string{"City": "北京 #1"}})
	require.Equal(t, "https://crm.example/c/a%2F..%2Fb%3Fx%3D1%26y?tel=%2B8613800138000&city=%E5%8C%97%E4%BA%AC%20%231#42", got)
	require.Empty(t, CRMSettings{}.CRMAddress(CRMFacts{}))
}

func TestCRMAddressIsAWebAddressWithAFixedHost(t *testing.T) {
	for _, bad := range []string{"javascript:alert(1)", "crm.example/{id}", "https://{key}.example/", "https://", "https://x/{nobody}", "https://x/{id", "https://u:p@x/{id}", "data:text/html,{name}", "https://x/{fields}"} {
		require.NotEmpty(t, CRMSettings{CRMURL: bad}.validate(), bad)
	}
}
