package authhttp

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/internal/guard"
)

// WriteError answers a request with the error of a call, in the shape of the server's own replies:
// {"statusCode":409,"error":"USER_EXISTS","message":"…"}, with "violations" where there are some, and Retry-After where a
// wait was given. An error that the server did not send is UNAVAILABLE or INTERNAL, and its words, which may tell
// addresses, stay here: log it.
func WriteError(w http.ResponseWriter, err error) {
	var failure *authflow.Error
	if !errors.As(err, &failure) {
		failure = &authflow.Error{}
	}
	r := reply{
		StatusCode: failure.HTTPStatus(),
		Error:      failure.Reason,
		Message:    failure.Message,
		Violations: failure.Violations,
		retryAfter: failure.RetryAfter,
	}
	if failure.Reason == "" {
		r.Error, r.Message = authflow.Internal, "Something went wrong."
		switch r.StatusCode {
		case http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			r.Error, r.Message = authflow.Unavailable, "The service cannot answer right now."
		}
	}
	r.write(w)
}

// reply is an error in the shape of the server's own.
type reply struct {
	StatusCode int                  `json:"statusCode"`
	Error      authflow.Reason      `json:"error"`
	Message    string               `json:"message"`
	Violations []authflow.Violation `json:"violations,omitempty"`

	retryAfter time.Duration
}

func replyTo(refusal *guard.Refusal) reply {
	code := http.StatusUnauthorized
	if refusal.Cause != nil {
		code = http.StatusServiceUnavailable
	}
	return reply{StatusCode: code, Error: refusal.Reason, Message: refusal.Message, retryAfter: refusal.RetryAfter}
}

func (r reply) write(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	if r.StatusCode == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	if r.retryAfter > 0 {
		header.Set("Retry-After", strconv.FormatInt(int64((r.retryAfter+time.Second-1)/time.Second), 10))
	}
	w.WriteHeader(r.StatusCode)
	// Where it cannot be written the visitor is gone.
	_ = json.NewEncoder(w).Encode(r)
}
