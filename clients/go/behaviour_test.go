package authflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"google.golang.org/grpc/codes"
)

type behaviourCase struct {
	Behaviour  int            `json:"behaviour"`
	Name       string         `json:"name"`
	DeadlineMs int            `json:"deadlineMs"`
	Parallel   bool           `json:"parallel"`
	Calls      []scriptedCall `json:"calls"`
}

type scriptedCall struct {
	Call      string         `json:"call"`
	Arguments map[string]any `json:"arguments"`
	Result    map[string]any `json:"result"`
	Error     *struct {
		Code         codes.Code           `json:"code"`
		Reason       authflow.Reason      `json:"reason"`
		Message      string               `json:"message"`
		Violations   []authflow.Violation `json:"violations"`
		RetryAfterMs int64                `json:"retryAfterMs"`
	} `json:"error"`
	WithinMs int `json:"withinMs"`
}

// The nine behaviours of docs/clients.md, as every client shows them.
func TestBehaviour(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(standVariable(t, "AUTHFLOW_TEST_VECTORS"), "client-behaviour.json"))
	fatalIf(t, err)
	var vectors struct {
		APIKey string          `json:"apiKey"`
		Cases  []behaviourCase `json:"cases"`
	}
	decodeJSON(t, text, &vectors)
	if len(vectors.Cases) == 0 {
		t.Fatal("the list of cases is empty")
	}
	for index, c := range vectors.Cases {
		index, c := index, c // oldest.mod is of a Go that shares them between rounds
		t.Run(fmt.Sprintf("%d %s", c.Behaviour, c.Name), func(t *testing.T) {
			var server struct{ Grpc string }
			decodeJSON(t, control(t, "POST", fmt.Sprintf("/cases/%d", index)), &server)
			opts := []authflow.Option{}
			if c.DeadlineMs > 0 {
				opts = append(opts, authflow.WithDeadline(time.Duration(c.DeadlineMs)*time.Millisecond))
			}
			runCase(t, newClient(t, server.Grpc, vectors.APIKey, opts...), c)
			var found struct{ Faults []string }
			decodeJSON(t, control(t, "GET", fmt.Sprintf("/cases/%d", index)), &found)
			for _, fault := range found.Faults {
				t.Error("the server:", fault)
			}
		})
	}
}

func runCase(t *testing.T, c *authflow.Client, scripted behaviourCase) {
	var running sync.WaitGroup
	for number, call := range scripted.Calls {
		number, call := number, call
		running.Add(1)
		run := func() {
			defer running.Done()
			begun := time.Now()
			result, err := makeCall(c, call)
			expectOutcome(t, fmt.Sprintf("call %d, %s", number, call.Call), call, result, err)
			if took := time.Since(begun); call.WithinMs > 0 && took > time.Duration(call.WithinMs)*time.Millisecond {
				t.Errorf("call %d took %s", number, took)
			}
		}
		if scripted.Parallel {
			go run()
		} else {
			run()
		}
	}
	running.Wait()
}

func makeCall(c authflow.Authenticator, call scriptedCall) (map[string]any, error) {
	ctx := context.Background()
	text := func(name string) string {
		if value, ok := call.Arguments[name]; ok {
			return fmt.Sprint(value)
		}
		return ""
	}
	switch call.Call {
	case "fooBar":
		nonce, err := c.FooBar(ctx, text("identity"))
		return map[string]any{"token": nonce.Token(), "expires_at": wire(nonce.ExpiresAt)}, err
	case "signUp":
		user, err := c.SignUp(ctx, authflow.NewUser{
			Email:      text("email"),
			Password:   text("password"),
			FullName:   text("fullname"),
			Disclaimed: text("disclaimed") == "true",
		})
		return wireUser(user), err
	case "login":
		if previous, ok := call.Arguments["sessionToken"].(string); ok {
			ctx = authflow.ContextWithPreviousSession(ctx, previous)
		}
		session, err := c.Login(ctx, text("email"), text("password"))
		result := wireUser(session.User)
		result["token"], result["expires_at"] = session.Token(), wire(session.ExpiresAt)
		return result, err
	case "validate":
		user, err := c.Validate(ctx, text("sessionToken"), text("email"))
		return onTheWire(user), err
	case "changePassword":
		ended, err := c.ChangePassword(ctx, authflow.PasswordChange{
			SessionToken:    text("sessionToken"),
			Email:           text("email"),
			NewPassword:     text("newPassword"),
			CurrentPassword: text("currentPassword"),
			Code:            text("code"),
		})
		return map[string]any{"ended_sessions": float64(ended)}, err
	case "logout":
		return map[string]any{}, c.Logout(ctx, text("sessionToken"), text("email"))
	default:
		if result, err, ok := makeSecondFactorCall(ctx, c, call.Call, text); ok {
			return result, err
		}
		return makeAccountCall(ctx, c, call.Call, text)
	}
}

func expectOutcome(t *testing.T, where string, call scriptedCall, result map[string]any, err error) {
	if call.Error == nil {
		if err != nil || !reflect.DeepEqual(result, call.Result) {
			t.Errorf("%s: got %v, %v, want %v", where, result, err, call.Result)
		}
		return
	}
	var failure *authflow.Error
	if !errors.As(err, &failure) {
		t.Errorf("%s: got %v, want %s", where, err, call.Error.Code)
		return
	}
	want := call.Error
	if failure.Code != want.Code || failure.Reason != want.Reason {
		t.Errorf("%s: got %s %q, want %s %q", where, failure.Code, failure.Reason, want.Code, want.Reason)
	}
	if want.Message != "" && failure.Message != want.Message {
		t.Errorf("%s: got the message %q, want %q", where, failure.Message, want.Message)
	}
	if !reflect.DeepEqual(failure.Violations, want.Violations) {
		t.Errorf("%s: got the violations %v, want %v", where, failure.Violations, want.Violations)
	}
	if want.RetryAfterMs > 0 && failure.RetryAfter.Milliseconds() != want.RetryAfterMs {
		t.Errorf("%s: got the wait %s, want %d ms", where, failure.RetryAfter, want.RetryAfterMs)
	}
}

func makeAccountCall(ctx context.Context, c authflow.Accounts, call string, text func(string) string) (map[string]any, error) {
	token, email := text("sessionToken"), text("email")
	switch call {
	case "me":
		account, err := c.Me(ctx, token, email)
		return onTheWire(account), err
	case "sendVerificationEmail":
		return map[string]any{}, c.SendVerificationEmail(ctx, email)
	case "verifyEmail":
		verified, err := c.VerifyEmail(ctx, text("token"))
		return onTheWire(verified), err
	case "forgotPassword":
		return map[string]any{}, c.ForgotPassword(ctx, email)
	case "resetPassword":
		reset, err := c.ResetPassword(ctx, text("token"), text("newPassword"), text("currentPassword"))
		return onTheWire(reset), err
	case "renewSession":
		session, err := c.RenewSession(ctx, token, email)
		result := onTheWire(session)
		result["token"] = session.Token()
		return result, err
	case "listMySessions":
		sessions, err := c.ListMySessions(ctx, token, email)
		return onTheWire(map[string]any{"sessions": sessions}), err
	case "endMySessions":
		ended, err := c.EndMySessions(ctx, token, email, text("session_id"))
		return map[string]any{"ended_sessions": float64(ended)}, err
	case "updateProfile":
		account, err := c.UpdateProfile(ctx, token, email, text("fullname"))
		return onTheWire(account), err
	case "changeEmail":
		return map[string]any{}, c.ChangeEmail(ctx, authflow.EmailChange{
			SessionToken: token, Email: email, NewEmail: text("newEmail"), CurrentPassword: text("currentPassword"), Code: text("code"),
		})
	case "deleteAccount":
		ended, err := c.DeleteAccount(ctx, authflow.AccountDeletion{
			SessionToken: token, Email: email, CurrentPassword: text("currentPassword"), Code: text("code"),
		})
		return map[string]any{"ended_sessions": float64(ended)}, err
	default:
		return nil, fmt.Errorf("no call is named %s", call)
	}
}

// onTheWire is a result as it serializes.
func onTheWire(result any) map[string]any {
	text, err := json.Marshal(result)
	if err != nil {
		panic(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		panic(err)
	}
	return fields
}

func wire(instant time.Time) string { return instant.UTC().Format(time.RFC3339) }

func wireUser(u authflow.User) map[string]any {
	return map[string]any{"user_id": u.UserID, "email": u.Email, "fullname": u.FullName, "org_id": u.OrgID}
}
