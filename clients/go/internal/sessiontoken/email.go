// Package sessiontoken reads what a session token says of itself, which proves nothing before Validate has.
package sessiontoken

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// longest is the longest that the server reads; one beyond its message limit would look like an outage.
const longest = 8192

// Email is the e-mail that a token claims; false where it is no token that a server could have signed.
func Email(token string) (string, bool) {
	if len(token) > longest {
		return "", false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !isBase64URL(parts[0]) || !isBase64URL(parts[1]) || !isBase64URL(parts[2]) {
		return "", false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", false
	}
	var claims struct {
		Email string `json:"email"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Email == "" {
		return "", false
	}
	return claims.Email, true
}

// IsSendable tells whether a request can carry a token, of whatever form: what a visitor sends must not fail a call.
func IsSendable(token string) bool {
	return len(token) <= longest && utf8.ValidString(token)
}

// isBase64URL keeps out what protobuf cannot carry: bytes that are no UTF-8.
func isBase64URL(part string) bool {
	return part != "" && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
