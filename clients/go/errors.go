package authflow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errorDomain is the domain of the server's own google.rpc.ErrorInfo.
const errorDomain = "authflow"

// Error is what every call of a client fails with; find it with errors.As. It is no gRPC status of its own, so that a
// gRPC handler that returns it does not hand the reason to its callers.
type Error struct {
	// Reason is the server's, one of the constants or one that this release does not know yet; empty where the error is
	// not the server's own: a broken connection, a deadline, a proxy.
	Reason Reason
	// Code is gRPC's status code. It tells what to do about a reason that is empty or not known.
	Code codes.Code
	// Message is a sentence for people, in the server's words where the reason is its own. Where there is no connection it
	// tells the address and the cause, which is for your log and not for your visitors.
	Message string
	// Violations are the faults of single fields, with [InvalidArgument]. Text that is no UTF-8 is one, found
	// without a call.
	Violations []Violation
	// RetryAfter is the wait that the server gave; 0 where it gave none.
	RetryAfter time.Duration
	// Challenge is what goes on from here where the reason is [SecondFactorRequired] or [PasswordChangeRequired]; nil for all
	// other errors, and where it came malformed. No form of the error that is printed, logged or serialized tells it.
	Challenge *Challenge
}

// Violation is what is wrong with one field.
type Violation struct {
	// Field is the name in the protocol: "email", "newPassword".
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error tells the reason, or else the code, and the message.
func (e *Error) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("authflow: %s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("authflow: %s: %s", e.Reason, e.Message)
}

// HTTPStatus is what a backend answers with where it hands the error on: 401 for UNAUTHENTICATED, 503 for UNAVAILABLE.
// A refused key ([APIKeyInvalid], [AdminTokenInvalid]) is 503: it is the backend's own fault, and not its visitor's. It is
// 409 where there is no second factor to act on ([SecondFactorNotEnabled]), and 500 for codes that no call of ours fails
// with.
func (e *Error) HTTPStatus() int {
	switch {
	case e.isRefusedKey():
		return http.StatusServiceUnavailable
	case e.Reason == SecondFactorNotEnabled:
		return http.StatusConflict
	}
	switch e.Code {
	case codes.InvalidArgument, codes.FailedPrecondition:
		return http.StatusBadRequest
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.NotFound:
		return http.StatusNotFound
	case codes.AlreadyExists:
		return http.StatusConflict
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unavailable:
		return http.StatusServiceUnavailable
	case codes.DeadlineExceeded:
		return http.StatusGatewayTimeout
	case codes.Canceled:
		// Of nginx: the caller has gone.
		return 499
	default:
		return http.StatusInternalServerError
	}
}

func (e *Error) isRefusedKey() bool {
	return e.Reason == APIKeyInvalid || e.Reason == AdminTokenInvalid
}

// Unwrap lets errors.Is find context.DeadlineExceeded and context.Canceled.
func (e *Error) Unwrap() error {
	switch e.Code {
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	case codes.Canceled:
		return context.Canceled
	default:
		return nil
	}
}

// DecodeError reads an error of a generated stub as an [*Error]; nil stays nil.
func DecodeError(err error) error {
	if err == nil {
		return nil
	}
	return errorOf(err)
}

func errorOf(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	s, ok := statusOf(err)
	if !ok {
		s = status.FromContextError(err)
	}
	e := &Error{Code: s.Code(), Message: s.Message()}
	details := s.Details()
	info := infoIn(details)
	if e.Reason = Reason(info.GetReason()); e.Reason == "" {
		// Details that somebody else gave say nothing about what our server did.
		return e
	}
	e.Challenge = challengeIn(info)
	for _, detail := range details {
		switch detail := detail.(type) {
		case *errdetails.BadRequest:
			for _, v := range detail.GetFieldViolations() {
				e.Violations = append(e.Violations, Violation{Field: v.GetField(), Message: v.GetDescription()})
			}
		case *errdetails.RetryInfo:
			e.RetryAfter = max(detail.GetRetryDelay().AsDuration(), 0)
		}
	}
	return e
}

// statusOf is status.FromError without the words that it puts before a wrapped status's message.
func statusOf(err error) (*status.Status, bool) {
	var carrier interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &carrier) {
		return nil, false
	}
	s := carrier.GRPCStatus()
	return s, s != nil
}

// infoIn is the server's own; nil where there is none.
func infoIn(details []any) *errdetails.ErrorInfo {
	for _, detail := range details {
		// A detail that cannot be read is an error here, and no harm.
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetDomain() == errorDomain {
			return info
		}
	}
	return nil
}
