package sessiontoken

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestEmail(t *testing.T) {
	encode := base64.RawURLEncoding.EncodeToString
	claims := encode([]byte(`{"email":"ada@example.com"}`))
	for _, first := range []string{"e30", "fake"} {
		if email, ok := Email(first + "." + claims + ".c2ln"); !ok || email != "ada@example.com" {
			t.Errorf("got %q", email)
		}
	}
	for name, token := range map[string]string{
		"nothing":          "",
		"four parts":       "e30." + claims + ".c2ln.x",
		"a space inside":   "e30. " + claims + ".c2ln",
		"a line inside":    "e30." + claims[:8] + "\n" + claims[8:] + ".c2ln",
		"an empty part":    "e30." + claims + ".",
		"padding":          "e30." + claims + "=.c2ln",
		"e-mail a number":  "e30." + encode([]byte(`{"email":1}`)) + ".c2ln",
		"an empty e-mail":  "e30." + encode([]byte(`{"email":""}`)) + ".c2ln",
		"bytes, not UTF-8": "e30." + claims + ".\xff\xfe",
		"far too long":     "e30." + claims + "." + strings.Repeat("a", longest),
	} {
		if email, ok := Email(token); ok {
			t.Errorf("%s: read %q", name, email)
		}
	}
}
