package authflow

import (
	"encoding/json"
	"log/slog"
	"net/http"
)

// errorReply is an error in the shape of the server's own replies.
type errorReply struct {
	StatusCode int         `json:"statusCode"`
	Error      Reason      `json:"error"`
	Message    string      `json:"message"`
	Violations []Violation `json:"violations,omitempty"`
}

// MarshalJSON is what a visitor may be told, in the shape of the server's own replies:
// {"statusCode":409,"error":"USER_EXISTS","message":"…"}, with "violations" where there are some. An error without a
// reason, and a refused key, are [Unavailable] or [Internal] with a general sentence: their own words, which may tell
// addresses, are for the log.
func (e Error) MarshalJSON() ([]byte, error) {
	reply := errorReply{StatusCode: e.HTTPStatus(), Error: e.Reason, Message: e.Message, Violations: e.Violations}
	if e.Reason == "" || e.isRefusedKey() {
		reply.Error, reply.Message = Internal, "Something went wrong."
		switch reply.StatusCode {
		case http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			reply.Error, reply.Message = Unavailable, "The service cannot answer right now."
		}
	}
	return json.Marshal(reply)
}

// LogValue is the text of [Error.Error]: a log tells the cause, also one that is written as JSON.
func (e *Error) LogValue() slog.Value { return slog.StringValue(e.Error()) }
