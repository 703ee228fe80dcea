package authflow_test

import (
	"context"
	"errors"
	"net"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// refusingServer refuses every call but FooBar, and counts them.
type refusingServer struct {
	address string
	refused atomic.Int32
}

func newRefusingServer(t *testing.T, refusal error) *refusingServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fatalIf(t, err)
	s := &refusingServer{address: listener.Addr().String()}
	answers := &recordingServer{}
	server := grpc.NewServer(grpc.UnaryInterceptor(
		func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			if info.FullMethod == authflowv1.AuthService_FooBar_FullMethodName {
				return handler(ctx, req)
			}
			s.refused.Add(1)
			return nil, refusal
		}))
	authflowv1.RegisterAuthServiceServer(server, answers)
	authflowv1.RegisterAccountServiceServer(server, answers)
	authflowv1.RegisterSecondFactorServiceServer(server, answers)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return s
}

func refusalWith(t *testing.T, code codes.Code, info *errdetails.ErrorInfo) error {
	t.Helper()
	refusal, err := status.New(code, "More is needed.").WithDetails(info)
	fatalIf(t, err)
	return refusal.Err()
}

func TestALoginThatNeedsMoreBringsAChallenge(t *testing.T) {
	secrets.add(unseen)
	for _, c := range []struct {
		reason  authflow.Reason
		code    codes.Code
		methods string
		want    []authflow.ChallengeMethod
	}{
		{authflow.SecondFactorRequired, codes.Unauthenticated, "totp,email,recovery", []authflow.ChallengeMethod{
			authflow.MethodTOTP, authflow.MethodEmail, authflow.MethodRecovery,
		}},
		{authflow.SecondFactorRequired, codes.Unauthenticated, "email,setup,passkey", []authflow.ChallengeMethod{
			authflow.MethodEmail, authflow.MethodSetup, "passkey",
		}},
		{authflow.PasswordChangeRequired, codes.PermissionDenied, "change_password", []authflow.ChallengeMethod{
			authflow.MethodChangePassword,
		}},
	} {
		server := newRefusingServer(t, refusalWith(t, c.code, &errdetails.ErrorInfo{
			Reason: string(c.reason), Domain: "authflow",
			Metadata: map[string]string{"challenge": unseen, "methods": c.methods, "expires_at": "2030-01-02T03:04:05Z"},
		}))
		client := newClient(t, server.address, "af_challenged")
		want := authflow.Challenge{Reason: c.reason, Methods: c.want, ExpiresAt: expiry}
		expect := func(name string, step authflow.LoginStep, err error) {
			t.Helper()
			challenge, ok := step.(authflow.Challenge)
			if err != nil || !ok || challenge.Token() != unseen || challenge.Reason != want.Reason ||
				!reflect.DeepEqual(challenge.Methods, want.Methods) || !challenge.ExpiresAt.Equal(want.ExpiresAt) {
				t.Errorf("%s: got %v, %v", name, step, err)
			}
			for _, method := range c.want {
				if !challenge.Takes(method) || challenge.Takes(method+"s") {
					t.Errorf("it takes other methods than %s", method)
				}
			}
		}
		ctx := context.Background()
		step, err := client.LoginStep(ctx, "ada@example.com", password)
		expect("LoginStep", step, err)
		step, err = client.VerifyTOTP(ctx, "challenge", "123456")
		expect("VerifyTOTP", step, err)
		step, err = client.VerifyEmailCode(ctx, "challenge", "123456")
		expect("VerifyEmailCode", step, err)
		step, err = client.VerifyRecoveryCode(ctx, "challenge", "0123")
		expect("VerifyRecoveryCode", step, err)

		_, err = client.Login(ctx, "ada@example.com", password)
		failure := refused(t, err, c.reason)
		if failure.Challenge == nil {
			t.Fatalf("%s came without a challenge", c.reason)
		}
		expect("Login", *failure.Challenge, nil)
		if server.refused.Load() != 5 {
			t.Errorf("%d requests came", server.refused.Load())
		}
	}
}

func TestAMalformedChallengeIsNone(t *testing.T) {
	whole := func(but ...string) map[string]string {
		metadata := map[string]string{"challenge": unseen, "methods": "totp", "expires_at": "2030-01-02T03:04:05Z"}
		for at := 0; at < len(but); at += 2 {
			metadata[but[at]] = but[at+1]
		}
		return metadata
	}
	for name, info := range map[string]*errdetails.ErrorInfo{
		"no metadata":   {Reason: "SECOND_FACTOR_REQUIRED", Domain: "authflow"},
		"no challenge":  {Reason: "SECOND_FACTOR_REQUIRED", Domain: "authflow", Metadata: whole("challenge", "")},
		"no methods":    {Reason: "SECOND_FACTOR_REQUIRED", Domain: "authflow", Metadata: whole("methods", ",")},
		"no expiry":     {Reason: "SECOND_FACTOR_REQUIRED", Domain: "authflow", Metadata: whole("expires_at", "")},
		"no instant":    {Reason: "SECOND_FACTOR_REQUIRED", Domain: "authflow", Metadata: whole("expires_at", "tomorrow")},
		"a reason":      {Reason: "CREDENTIALS_INVALID", Domain: "authflow", Metadata: whole()},
		"somebody else": {Reason: "SECOND_FACTOR_REQUIRED", Domain: "example.com", Metadata: whole()},
	} {
		client := newClient(t, newRefusingServer(t, refusalWith(t, codes.Unauthenticated, info)).address, "af_challenged")
		step, err := client.LoginStep(context.Background(), "ada@example.com", password)
		var failure *authflow.Error
		if step != nil || !errors.As(err, &failure) || failure.Challenge != nil || failure.Code != codes.Unauthenticated {
			t.Errorf("%s: got %v, %v", name, step, err)
		}
	}
}

func TestWhatLoginStepsRefuseIsAnError(t *testing.T) {
	client := newClient(t, newRefusingServer(t, refusalWith(t, codes.PermissionDenied, &errdetails.ErrorInfo{
		Reason: "EMAIL_NOT_VERIFIED", Domain: "authflow",
	})).address, "af_refused")
	step, err := client.LoginStep(context.Background(), "ada@example.com", password)
	if failure := refused(t, err, authflow.EmailNotVerified); step != nil || failure.HTTPStatus() != 403 {
		t.Errorf("got %v, %d", step, failure.HTTPStatus())
	}
}

func TestCodesAreNotSentAgainAfterALostReply(t *testing.T) {
	lost := newRefusingServer(t, status.Error(codes.Unavailable, "connection reset"))
	said := newRefusingServer(t, refusalWith(t, codes.Unavailable, &errdetails.ErrorInfo{Reason: "UNAVAILABLE", Domain: "authflow"}))
	text := func(name string) string {
		return map[string]string{"sessionToken": "header.payload.signature", "email": "ada@example.com"}[name]
	}
	withCode := func(name string) string {
		if name == "code" {
			return "123456"
		}
		return text(name)
	}
	type call struct {
		name string
		text func(string) string
	}
	calls := []call{{"changeEmail", withCode}, {"changePassword", withCode}, {"deleteAccount", withCode}}
	for _, name := range onceCalls {
		calls = append(calls, call{name, text})
	}
	for _, each := range calls {
		expectRequests(t, lost, each.name, each.text, 1)
		expectRequests(t, said, each.name, each.text, 3)
	}
	// A login by a new nonce is another one.
	expectRequests(t, lost, "loginStep", text, 3)
	expectRequests(t, lost, "changeEmail", text, 3)
}

func expectRequests(t *testing.T, server *refusingServer, call string, text func(string) string, want int32) {
	t.Helper()
	client := newClient(t, server.address, "af_refused")
	server.refused.Store(0)
	arguments := map[string]any{}
	for _, name := range []string{"sessionToken", "email", "code"} {
		arguments[name] = text(name)
	}
	_, err := makeCall(client, scriptedCall{Call: call, Arguments: arguments})
	var failure *authflow.Error
	if !errors.As(err, &failure) || failure.Code != codes.Unavailable || server.refused.Load() != want {
		t.Errorf("%s: got %v after %d requests, want %d", call, err, server.refused.Load(), want)
	}
}

func TestTheCallsOfASecondFactorCarryWhatTheyAreGiven(t *testing.T) {
	ctx := context.Background()
	server := newRecordingServer(t)
	client := newClient(t, server.address, "af_factor")
	token := "e30." + emailClaim("ada@example.com") + ".c2ln"
	_, err := client.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: token, CurrentPassword: password})
	fatalIf(t, err)
	_, err = client.EnableTOTP(ctx, authflow.TOTPSetup{Challenge: "challenge"})
	fatalIf(t, err)
	confirmed, err := client.ConfirmTOTP(ctx, authflow.TOTPConfirmation{Challenge: "challenge", Code: "123456"})
	if err != nil || confirmed.Session != nil || len(confirmed.RecoveryCodes.List()) != 0 {
		t.Errorf("got %v, %v", confirmed, err)
	}
	fatalIf(t, client.DisableTOTP(ctx, authflow.SecondFactorProof{SessionToken: token, CurrentPassword: password, Code: "123456"}))
	step, err := client.VerifyRecoveryCode(ctx, "challenge", "0123-4567")
	if session, ok := step.(authflow.Session); err != nil || !ok || session.RecoveryCodesLeft == nil || *session.RecoveryCodesLeft != 0 {
		t.Errorf("got %v, %v", step, err)
	}
	_, err = client.ResetPassword(ctx, "challenge", password, "Difference-1822")
	fatalIf(t, err)
	for at, want := range []string{
		`sessionToken email currentPassword`, `challenge`, `code challenge`, `sessionToken email code currentPassword`,
		`challenge recovery_code`, `token newPassword currentPassword`,
	} {
		sent := onlyGiven(server.requests[at])
		if strings.Join(sent, " ") != want {
			t.Errorf("%T came with %v", server.requests[at], sent)
		}
	}
	for _, err := range []error{
		second(client.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: "header.payload.signature"})),
		second(client.ConfirmTOTP(ctx, authflow.TOTPConfirmation{Code: "123456"})),
		client.DisableTOTP(ctx, authflow.SecondFactorProof{Code: "123456"}),
		second(client.RegenerateRecoveryCodes(ctx, authflow.SecondFactorProof{Code: "123456"})),
	} {
		refused(t, err, authflow.SessionInvalid)
	}
}

func second[T any](_ T, err error) error { return err }

// onlyGiven are the names of the fields that are set, in the order of the proto.
func onlyGiven(request proto.Message) (given []string) {
	message := request.ProtoReflect()
	fields := message.Descriptor().Fields()
	for at := 0; at < fields.Len(); at++ {
		if message.Has(fields.Get(at)) {
			given = append(given, fields.Get(at).JSONName())
		}
	}
	return given
}

func TestAChallengeThatALoginCodeAnswers(t *testing.T) {
	client := newClient(t, newRecordingServer(t).address, "af_code")
	challenge, err := client.SendLoginCode(context.Background(), "ada@example.com")
	if err != nil || challenge.Reason != "" || !challenge.Takes(authflow.MethodEmail) || challenge.ExpiresAt.After(time.Now()) {
		t.Errorf("got %v, %v", challenge, err)
	}
}
