package authflow_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
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

func TestARefusedKeyIsTheBackendsOwnFault(t *testing.T) {
	for _, reason := range []authflow.Reason{authflow.APIKeyInvalid, authflow.AdminTokenInvalid} {
		failure := &authflow.Error{Reason: reason, Code: codes.Unauthenticated, Message: "The API key is not valid."}
		if failure.HTTPStatus() != 503 || failure.Code != codes.Unauthenticated || !strings.Contains(failure.Error(), string(reason)) {
			t.Errorf("%v: got %d", failure, failure.HTTPStatus())
		}
	}
}

var writtenErrors = map[string]struct {
	err    error
	status int
	body   string
	header map[string]string
	// logged is what the log tells, which the reply does not.
	logged string
}{
	"a reason": {
		&authflow.Error{Reason: authflow.UserExists, Code: codes.AlreadyExists, Message: "Taken."},
		409, `{"statusCode":409,"error":"USER_EXISTS","message":"Taken."}`, nil, "",
	},
	"violations": {
		&authflow.Error{
			Reason: authflow.InvalidArgument, Code: codes.InvalidArgument, Message: "No.",
			Violations: []authflow.Violation{{Field: "email", Message: "is required"}},
		},
		400, `{"statusCode":400,"error":"INVALID_ARGUMENT","message":"No.","violations":[{"field":"email","message":"is required"}]}`, nil, "",
	},
	"a header that asks for a bearer": {
		&authflow.Error{Reason: authflow.CredentialsInvalid, Code: codes.Unauthenticated, Message: "Wrong."},
		401, `{"statusCode":401,"error":"CREDENTIALS_INVALID","message":"Wrong."}`, map[string]string{"WWW-Authenticate": "Bearer"}, "",
	},
	"a wait": {
		&authflow.Error{Reason: authflow.RateLimited, Code: codes.ResourceExhausted, Message: "Slow.", RetryAfter: 1200 * time.Millisecond},
		429, `{"statusCode":429,"error":"RATE_LIMITED","message":"Slow."}`, map[string]string{"Retry-After": "2"}, "",
	},
	"a second factor": {
		&authflow.Error{Reason: authflow.SecondFactorRequired, Code: codes.Unauthenticated, Message: "A code.", Challenge: &challenged},
		401, `{"statusCode":401,"error":"SECOND_FACTOR_REQUIRED","message":"A code."}`, map[string]string{"WWW-Authenticate": "Bearer"}, "",
	},
	"another password": {
		&authflow.Error{Reason: authflow.PasswordChangeRequired, Code: codes.PermissionDenied, Message: "Change it.", Challenge: &challenged},
		403, `{"statusCode":403,"error":"PASSWORD_CHANGE_REQUIRED","message":"Change it."}`, nil, "",
	},
	"no second factor": {
		&authflow.Error{Reason: authflow.SecondFactorNotEnabled, Code: codes.FailedPrecondition, Message: "None."},
		409, `{"statusCode":409,"error":"SECOND_FACTOR_NOT_ENABLED","message":"None."}`, nil, "",
	},
	"no connection": {
		&authflow.Error{Code: codes.Unavailable, Message: "no connection to 10.0.0.5:50051"},
		503, `{"statusCode":503,"error":"UNAVAILABLE","message":"The service cannot answer right now."}`, nil, "no connection to 10.0.0.5:50051",
	},
	"another's error": {
		errors.New("disk full"),
		500, `{"statusCode":500,"error":"INTERNAL","message":"Something went wrong."}`, nil, "disk full",
	},
	"a canceled call": {
		&authflow.Error{Code: codes.Canceled, Message: "context canceled"},
		499, `{"statusCode":499,"error":"INTERNAL","message":"Something went wrong."}`, nil, "",
	},
	"a fault of a server": {
		&authflow.Error{Reason: authflow.Internal, Code: codes.Internal, Message: "Request 0190a1b2 failed."},
		500, `{"statusCode":500,"error":"INTERNAL","message":"Request 0190a1b2 failed."}`, nil, "INTERNAL: Request 0190a1b2",
	},
	"a refused key": {
		&authflow.Error{Reason: authflow.APIKeyInvalid, Code: codes.Unauthenticated, Message: "The API key is not valid."},
		503, `{"statusCode":503,"error":"UNAVAILABLE","message":"The service cannot answer right now."}`, nil, "API_KEY_INVALID",
	},
	"a refused admin token": {
		fmt.Errorf("wrapped: %w", &authflow.Error{Reason: authflow.AdminTokenInvalid, Code: codes.Unauthenticated, Message: "No."}),
		503, `{"statusCode":503,"error":"UNAVAILABLE","message":"The service cannot answer right now."}`, nil, "wrapped: authflow: ADMIN_TOKEN_INVALID",
	},
}

func TestWriteError(t *testing.T) {
	for name, c := range writtenErrors {
		t.Run(name, func(t *testing.T) {
			logged := logOf(t)
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
			expectLogged(t, logged, c.logged)
		})
	}
}

func TestASerializedErrorIsTheReply(t *testing.T) {
	for name, c := range writtenErrors {
		var failure *authflow.Error
		if !errors.As(c.err, &failure) {
			continue
		}
		for _, value := range []any{failure, *failure} {
			got, err := json.Marshal(value)
			fatalIf(t, err)
			if string(got) != c.body {
				t.Errorf("%s: got %s", name, got)
			}
		}
	}
}

// A log tells the cause that a reply does not.
func TestALoggedErrorTellsItsCause(t *testing.T) {
	var logged bytes.Buffer
	failure := &authflow.Error{Code: codes.Unavailable, Message: "no connection to 10.0.0.5:50051"}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&logged, nil), slog.NewTextHandler(&logged, nil)} {
		logged.Reset()
		slog.New(handler).Warn("seen", "error", failure)
		if !strings.Contains(logged.String(), failure.Error()) {
			t.Errorf("got %s", logged.String())
		}
	}
}

func TestMiddlewareLogsWhereNoHookIsGiven(t *testing.T) {
	broken := refusingValidator{&authflow.Error{Reason: authflow.APIKeyInvalid, Code: codes.Unauthenticated, Message: "No."}}
	authorization := "Bearer e30." + emailClaim("ada@example.com") + ".SECRET-1843"
	logged := logOf(t)
	expectRefusal(t, guardedSite(t, broken), authorization, 503, authflow.Unavailable)
	expectLogged(t, logged, "API_KEY_INVALID")
	expectUnseen(t, "the log", logged.String())

	logged = logOf(t)
	refused(t, authflow.DecodeError(newGuardedService(t, broken).call(authorization)), authflow.Unavailable)
	expectLogged(t, logged, "API_KEY_INVALID")
	expectUnseen(t, "the log", logged.String())

	logged = logOf(t)
	expectRefusal(t, guardedSite(t, broken, authhttp.WithOnError(func(*http.Request, error) {})), authorization, 503, authflow.Unavailable)
	expectLogged(t, logged, "")
	logged = logOf(t)
	expectRefusal(t, guardedSite(t, broken), "", 401, authflow.SessionInvalid)
	expectLogged(t, logged, "")
}

// logOf is what slog's default logger is told until the test ends, or this is called again.
func logOf(t *testing.T) *lockedBuffer {
	logged, before := &lockedBuffer{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(logged, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return logged
}

func expectLogged(t *testing.T, logged *lockedBuffer, cause string) {
	t.Helper()
	lines := strings.Count(logged.String(), "\n")
	if cause == "" && lines == 0 {
		return
	}
	if cause == "" || lines != 1 || !strings.Contains(logged.String(), `"level":"WARN"`) || !strings.Contains(logged.String(), cause) {
		t.Errorf("got the log %q, want one of %q", logged.String(), cause)
	}
}
