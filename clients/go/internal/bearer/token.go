package bearer

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// longestToken is the longest that the server reads; one beyond its message limit would look like an outage.
const longestToken = 8192

// readToken takes the session token from the values of an Authorization header, and the e-mail from its claims, which
// prove nothing before Validate has.
func readToken(authorization []string) (token, email string, ok bool) {
	if len(authorization) != 1 {
		return "", "", false
	}
	scheme, token, _ := strings.Cut(authorization[0], " ")
	token = strings.Trim(token, " ")
	if !strings.EqualFold(scheme, "Bearer") || len(token) > longestToken {
		return "", "", false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !isBase64URL(parts[0]) || !isBase64URL(parts[2]) {
		return "", "", false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", "", false
	}
	var claims struct {
		Email string `json:"email"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Email == "" {
		return "", "", false
	}
	return token, claims.Email, true
}

// isBase64URL keeps out what protobuf cannot carry: bytes that are no UTF-8.
func isBase64URL(part string) bool {
	return part != "" && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
