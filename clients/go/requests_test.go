package authflow_test

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"go.authflow.dev/authflow"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

func makeAllCalls(ctx context.Context, t *testing.T, c *authflow.Client) {
	t.Helper()
	_, err := c.SignUp(ctx, authflow.NewUser{Email: "ada@example.com"})
	fatalIf(t, err)
	_, err = c.Login(ctx, "ada@example.com", password)
	fatalIf(t, err)
	_, err = c.Validate(ctx, "header.payload.signature", "ada@example.com")
	fatalIf(t, err)
	_, err = c.ChangePassword(ctx, authflow.PasswordChange{SessionToken: "header.payload.signature", Email: "ada@example.com"})
	fatalIf(t, err)
	fatalIf(t, c.Logout(ctx, "header.payload.signature", "ada@example.com"))
	text := func(name string) string {
		return map[string]string{"sessionToken": "header.payload.signature", "email": "ada@example.com"}[name]
	}
	for _, call := range accountCalls {
		_, err := makeAccountCall(ctx, c, call, text)
		fatalIf(t, err)
	}
	for _, call := range onceCalls {
		_, err, _ := makeSecondFactorCall(ctx, c, call, text)
		fatalIf(t, err)
	}
}

var accountCalls = []string{
	"me", "sendVerificationEmail", "verifyEmail", "forgotPassword", "resetPassword", "renewSession", "listMySessions",
	"endMySessions", "updateProfile", "changeEmail", "deleteAccount",
}

// The nonces of two calls come beside the calls.
const allRequests = 7 + 11 + 9

func TestTheVisitorGoesAlong(t *testing.T) {
	server := newRecordingServer(t)
	c := newClient(t, server.address, "af_visitor")
	for _, c2 := range []struct{ given, sent authflow.Visitor }{
		{authflow.Visitor{}, authflow.Visitor{}},
		{authflow.Visitor{ClientIP: "203.0.113.7", UserAgent: "Lynx/2.8"}, authflow.Visitor{ClientIP: "203.0.113.7", UserAgent: "Lynx/2.8"}},
		// What a stranger puts into a header must not fail the call.
		{authflow.Visitor{UserAgent: "Lynx\xff/2.8"}, authflow.Visitor{UserAgent: "Lynx/2.8"}},
		{authflow.Visitor{UserAgent: strings.Repeat("é", 100_000)}, authflow.Visitor{UserAgent: strings.Repeat("é", 512)}},
		{authflow.Visitor{UserAgent: "a" + strings.Repeat("é", 100_000)}, authflow.Visitor{UserAgent: "a" + strings.Repeat("é", 511)}},
	} {
		server.requests = nil
		makeAllCalls(authflow.ContextWithVisitor(context.Background(), c2.given), t, c)
		if len(server.requests) != allRequests {
			t.Fatalf("%d requests came", len(server.requests))
		}
		for _, request := range server.requests {
			got := request.(interface {
				GetClientIp() string
				GetUserAgent() string
			})
			if got.GetClientIp() != c2.sent.ClientIP || got.GetUserAgent() != c2.sent.UserAgent || !utf8.ValidString(got.GetUserAgent()) {
				t.Errorf("%T came with %q and %q", request, got.GetClientIp(), got.GetUserAgent())
			}
		}
	}
}

func TestTheEmailIsReadFromTheToken(t *testing.T) {
	ctx := context.Background()
	server := newRecordingServer(t)
	c := newClient(t, server.address, "af_email")
	token := "e30." + emailClaim("ada@example.com") + ".c2ln"
	_, err := c.Validate(ctx, token, "")
	fatalIf(t, err)
	_, err = c.ChangePassword(ctx, authflow.PasswordChange{SessionToken: token, NewPassword: password})
	fatalIf(t, err)
	fatalIf(t, c.Logout(ctx, token, ""))
	text := func(name string) string { return map[string]string{"sessionToken": token}[name] }
	bySession := []string{"renewSession", "listMySessions", "endMySessions", "updateProfile", "changeEmail", "deleteAccount"}
	for _, call := range bySession {
		_, err := makeAccountCall(ctx, c, call, text)
		fatalIf(t, err)
	}
	for _, request := range server.requests {
		if email := request.(interface{ GetEmail() string }).GetEmail(); email != "ada@example.com" {
			t.Errorf("%T came with %q", request, email)
		}
	}
	if len(server.requests) != 9 {
		t.Errorf("%d requests came", len(server.requests))
	}
	for _, nameless := range []string{"", "header.payload.signature", "e30." + emailClaim("") + ".c2ln"} {
		_, validated := c.Validate(ctx, nameless, "")
		_, changed := c.ChangePassword(ctx, authflow.PasswordChange{SessionToken: nameless, NewPassword: password})
		for _, err := range []error{validated, changed, c.Logout(ctx, nameless, "")} {
			if failure := refused(t, err, authflow.SessionInvalid); failure.Code != codes.Unauthenticated {
				t.Errorf("got %s", failure.Code)
			}
		}
		for _, call := range bySession {
			_, err := makeAccountCall(ctx, c, call, func(name string) string { return map[string]string{"sessionToken": nameless}[name] })
			refused(t, err, authflow.SessionInvalid)
		}
	}
	if len(server.requests) != 9 {
		t.Error("a call was made for a token that names no e-mail")
	}
}

func TestInterceptorsSeeEveryRequestAndNoKey(t *testing.T) {
	server := newRecordingServer(t)
	var methods []string
	c := newClient(t, server.address, "af_intercepted", authflow.WithDialOptions(grpc.WithChainUnaryInterceptor(
		func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			methods = append(methods, method)
			if outgoing, _ := metadata.FromOutgoingContext(ctx); len(outgoing["x-api-key"]) > 0 {
				t.Errorf("%s shows the key", method)
			}
			return invoker(metadata.AppendToOutgoingContext(ctx, "traceparent", "00-1-2-01"), method, req, reply, cc, opts...)
		})))
	makeAllCalls(context.Background(), t, c)
	if len(methods) != allRequests || methods[0] != "/authflow.v1.AuthService/FooBar" {
		t.Errorf("the interceptor saw %v", methods)
	}
	if len(server.keys) != allRequests || server.keys[0] != "af_intercepted" {
		t.Errorf("the server saw %d keys", len(server.keys))
	}
}
