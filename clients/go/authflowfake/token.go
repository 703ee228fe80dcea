package authflowfake

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"go.authflow.dev/authflow"
)

// newToken has the parts of a session token and its readable claims, so that middleware reads the e-mail of a fake's too.
func newToken(user authflow.SessionUser) string {
	claims, err := json.Marshal(struct {
		Email     string `json:"email"`
		UserID    string `json:"sub"`
		OrgID     string `json:"org_id"`
		SessionID string `json:"sid"`
		ExpiresAt int64  `json:"exp"`
	}{user.Email, user.UserID, user.OrgID, user.SessionID, user.ExpiresAt.Unix()})
	if err != nil {
		panic(err)
	}
	return "fake." + base64.RawURLEncoding.EncodeToString(claims) + "." + base64.RawURLEncoding.EncodeToString(random(32))
}

// newID is a random UUID.
func newID() string {
	id := random(16)
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

func random(length int) []byte {
	bytes := make([]byte, length)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}
	return bytes
}
