package main

import (
	"net/http"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authhttp"
)

// challengeCookie keeps the challenge of a login that needs more: it stands for a password that was right, so no script
// reads it and no other site sends it.
const challengeCookie = "login_challenge"

// loginMail mails a code to who has no authenticator app at hand.
func (b backend) loginMail(w http.ResponseWriter, r *http.Request) {
	if _, err := b.auth.SendEmailCode(r.Context(), challengeOf(r)); err != nil {
		authhttp.WriteError(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// loginCode is the second step of a login.
func (b backend) loginCode(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Method authflow.ChallengeMethod
		Code   string
	}
	if !read(w, r, &body) {
		return
	}
	verify := b.auth.VerifyTOTP
	switch body.Method {
	case authflow.MethodEmail:
		verify = b.auth.VerifyEmailCode
	case authflow.MethodRecovery:
		verify = b.auth.VerifyRecoveryCode
	}
	step, err := verify(r.Context(), challengeOf(r), body.Code)
	replyStep(w, step, err)
}

// replyStep answers 200 with a session, or the reason of a login that needs more, with the methods that your page may offer.
func replyStep(w http.ResponseWriter, step authflow.LoginStep, err error) {
	if err != nil {
		authhttp.WriteError(w, err)
		return
	}
	cookie := &http.Cookie{Name: challengeCookie, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode}
	switch step := step.(type) {
	case authflow.Challenge:
		cookie.Value, cookie.Expires = step.Token(), step.ExpiresAt
		http.SetCookie(w, cookie)
		status := http.StatusUnauthorized
		if step.Reason == authflow.PasswordChangeRequired {
			status = http.StatusForbidden
		}
		reply(w, status, struct {
			StatusCode int                        `json:"statusCode"`
			Error      string                     `json:"error"`
			Message    string                     `json:"message"`
			Methods    []authflow.ChallengeMethod `json:"methods"`
		}{status, string(step.Reason), "The login goes on.", step.Methods})
	case authflow.Session:
		cookie.MaxAge = -1
		http.SetCookie(w, cookie)
		reply(w, http.StatusOK, struct {
			Token string `json:"token"`
			authflow.Session
		}{step.Token(), step})
	}
}

func challengeOf(r *http.Request) string {
	cookie, err := r.Cookie(challengeCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}
