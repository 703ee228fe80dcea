package authhttp

import (
	"context"
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
// wait was given, and never with the challenge of a login. A refused key is UNAVAILABLE, and so or INTERNAL is an error that
// the server did not send: their words, which may tell addresses, are not in the reply. They are logged by slog.Default, as
// is all that is answered by 500 or more: at the level Warn, but for calls whose context was canceled.
func WriteError(w http.ResponseWriter, err error) {
	var failure *authflow.Error
	if !errors.As(err, &failure) {
		failure = &authflow.Error{}
	}
	if failure.Reason == "" || failure.HTTPStatus() >= http.StatusInternalServerError {
		guard.LogCause(context.Background(), err)
	}
	write(w, failure)
}

func errorOf(refusal *guard.Refusal) *authflow.Error {
	return &authflow.Error{Reason: refusal.Reason, Code: refusal.Code, Message: refusal.Message, RetryAfter: refusal.RetryAfter}
}

func write(w http.ResponseWriter, failure *authflow.Error) {
	status := failure.HTTPStatus()
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	if failure.RetryAfter > 0 {
		header.Set("Retry-After", strconv.FormatInt(int64((failure.RetryAfter+time.Second-1)/time.Second), 10))
	}
	w.WriteHeader(status)
	// Where it cannot be written the visitor is gone.
	_ = json.NewEncoder(w).Encode(failure)
}
