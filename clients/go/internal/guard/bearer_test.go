package guard

import "testing"

func TestBearer(t *testing.T) {
	for header, token := range map[string]string{
		"Bearer e30.e30.c2ln":    "e30.e30.c2ln",
		"bearer e30.e30.c2ln":    "e30.e30.c2ln",
		"BEARER  e30.e30.c2ln  ": "e30.e30.c2ln",
		"e30.e30.c2ln":           "",
		"Bearer":                 "",
		"Basic e30.e30.c2ln":     "",
	} {
		if got := Bearer([]string{header}); got != token {
			t.Errorf("%q: got %q", header, got)
		}
	}
	for _, headers := range [][]string{nil, {"Bearer e30.e30.c2ln", "Bearer e30.e30.c2ln"}} {
		if got := Bearer(headers); got != "" {
			t.Errorf("%q: got %q", headers, got)
		}
	}
}
