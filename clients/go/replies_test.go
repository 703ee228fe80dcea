package authflow_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authhttp"
	"google.golang.org/grpc/codes"
)

func TestHTTPStatuses(t *testing.T) {
	for code, status := range map[codes.Code]int{
		codes.InvalidArgument:    400,
		codes.Unauthenticated:    401,
		codes.PermissionDenied:   403,
		codes.NotFound:           404,
		codes.AlreadyExists:      409,
		codes.FailedPrecondition: 400,
		codes.ResourceExhausted:  429,
		codes.Unavailable:        503,
		codes.DeadlineExceeded:   504,
		codes.Canceled:           499,
		codes.Internal:           500,
		codes.Unknown:            500,
		codes.Unimplemented:      500,
	} {
		if got := (&authflow.Error{Code: code}).HTTPStatus(); got != status {
			t.Errorf("%s: got %d, want %d", code, got, status)
		}
	}
}

func TestWriteError(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		body   string
		header map[string]string
	}{
		"a reason": {
			&authflow.Error{Reason: authflow.UserExists, Code: codes.AlreadyExists, Message: "Taken."},
			409, `{"statusCode":409,"error":"USER_EXISTS","message":"Taken."}`, nil,
		},
		"violations": {
			&authflow.Error{
				Reason: authflow.InvalidArgument, Code: codes.InvalidArgument, Message: "No.",
				Violations: []authflow.Violation{{Field: "email", Message: "is required"}},
			},
			400, `{"statusCode":400,"error":"INVALID_ARGUMENT","message":"No.","violations":[{"field":"email","message":"is required"}]}`, nil,
		},
		"a challenge": {
			&authflow.Error{Reason: authflow.CredentialsInvalid, Code: codes.Unauthenticated, Message: "Wrong."},
			401, `{"statusCode":401,"error":"CREDENTIALS_INVALID","message":"Wrong."}`, map[string]string{"WWW-Authenticate": "Bearer"},
		},
		"a wait": {
			&authflow.Error{Reason: authflow.RateLimited, Code: codes.ResourceExhausted, Message: "Slow.", RetryAfter: 1200 * time.Millisecond},
			429, `{"statusCode":429,"error":"RATE_LIMITED","message":"Slow."}`, map[string]string{"Retry-After": "2"},
		},
		"no connection": {
			&authflow.Error{Code: codes.Unavailable, Message: "no connection to 10.0.0.5:50051"},
			503, `{"statusCode":503,"error":"UNAVAILABLE","message":"The service cannot answer right now."}`, nil,
		},
		"another's error": {
			errors.New("disk full"),
			500, `{"statusCode":500,"error":"INTERNAL","message":"Something went wrong."}`, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			recorder := httptest.NewRecorder()
			authhttp.WriteError(recorder, c.err)
			if recorder.Code != c.status || strings.TrimSpace(recorder.Body.String()) != c.body {
				t.Errorf("got %d %s", recorder.Code, recorder.Body)
			}
			for _, header := range []string{"WWW-Authenticate", "Retry-After"} {
				if got := recorder.Header().Get(header); got != c.header[header] {
					t.Errorf("%s is %q", header, got)
				}
			}
		})
	}
}
