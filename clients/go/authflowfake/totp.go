package authflowfake

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"html"
	"net/url"
	"time"

	"go.authflow.dev/authflow"
)

const (
	totpSeconds = 30
	totpDigits  = 6
	// stepsAround are the steps of time before and after the present one whose codes are good, too.
	stepsAround = 1
	issuer      = "AuthFlow"
)

var base32NoPadding = base32.StdEncoding.WithPadding(base32.NoPadding)

// TOTPCode is what an authenticator app shows for the secret of an [authflow.TOTPSecret] at the fake's time. A code is good
// once: between two of them put the clock forward by half a minute. It fails where the secret is not base32.
func (f *Fake) TOTPCode(secret string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, err := base32NoPadding.DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("authflowfake: the secret is not base32")
	}
	return totpCode(key, stepAt(f.now())), nil
}

func stepAt(instant time.Time) int64 { return instant.Unix() / totpSeconds }

// totpCode is RFC 6238's: HMAC-SHA-1 of the step, six digits.
func totpCode(key []byte, step int64) string {
	mac := hmac.New(sha1.New, key)
	// A hash never fails.
	_ = binary.Write(mac, binary.BigEndian, step)
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1_000_000)
}

// stepOfCode is the step after lastStep whose code it is; false where it is of none around the fake's time.
func (f *Fake) stepOfCode(key []byte, code string, lastStep int64) (int64, bool) {
	present := stepAt(f.now())
	for step := max(present-stepsAround, lastStep+1); step <= present+stepsAround; step++ {
		if code == totpCode(key, step) {
			return step, true
		}
	}
	return 0, false
}

// shown is a secret in its three forms. Its image holds the link as text: no camera reads it.
func (p pendingSecret) shown(of *user) authflow.TOTPSecret {
	secret := base32NoPadding.EncodeToString(p.key)
	link := fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=6&period=%d",
		issuer, url.PathEscape(of.Email), secret, issuer, totpSeconds)
	image := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg"><text>%s</text></svg>`, html.EscapeString(link))
	code := "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(image))
	return authflow.NewTOTPSecret(secret, link, code, p.expiresAt)
}
