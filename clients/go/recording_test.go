package authflow_test

import (
	"context"
	"net"
	"sync"
	"testing"

	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// recordingServer notes the requests that come and the key of each, and answers all of them.
type recordingServer struct {
	authflowv1.UnimplementedAuthServiceServer
	authflowv1.UnimplementedAccountServiceServer
	authflowv1.UnimplementedSecondFactorServiceServer
	address string

	mu       sync.Mutex
	requests []proto.Message
	keys     []string
}

func newRecordingServer(t *testing.T) *recordingServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fatalIf(t, err)
	s := &recordingServer{address: listener.Addr().String()}
	server := grpc.NewServer()
	authflowv1.RegisterAuthServiceServer(server, s)
	authflowv1.RegisterAccountServiceServer(server, s)
	authflowv1.RegisterSecondFactorServiceServer(server, s)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return s
}

func (s *recordingServer) note(ctx context.Context, request proto.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request)
	s.keys = append(s.keys, metadata.ValueFromIncomingContext(ctx, "x-api-key")...)
}

func (s *recordingServer) FooBar(ctx context.Context, r *authflowv1.FooBarRequest) (*authflowv1.FooBarResponse, error) {
	s.note(ctx, r)
	return &authflowv1.FooBarResponse{Token: "nonce", ExpiresAt: timestamppb.Now()}, nil
}

func (s *recordingServer) SignUp(ctx context.Context, r *authflowv1.SignUpRequest) (*authflowv1.SignUpResponse, error) {
	s.note(ctx, r)
	return &authflowv1.SignUpResponse{}, nil
}

func (s *recordingServer) Login(ctx context.Context, r *authflowv1.LoginRequest) (*authflowv1.LoginResponse, error) {
	s.note(ctx, r)
	return &authflowv1.LoginResponse{}, nil
}

func (s *recordingServer) Validate(ctx context.Context, r *authflowv1.ValidateRequest) (*authflowv1.ValidateResponse, error) {
	s.note(ctx, r)
	return &authflowv1.ValidateResponse{}, nil
}

func (s *recordingServer) ChangePassword(ctx context.Context, r *authflowv1.ChangePasswordRequest) (*authflowv1.ChangePasswordResponse, error) {
	s.note(ctx, r)
	return &authflowv1.ChangePasswordResponse{}, nil
}

func (s *recordingServer) Logout(ctx context.Context, r *authflowv1.LogoutRequest) (*authflowv1.LogoutResponse, error) {
	s.note(ctx, r)
	return &authflowv1.LogoutResponse{}, nil
}

func (s *recordingServer) Me(ctx context.Context, r *authflowv1.MeRequest) (*authflowv1.MeResponse, error) {
	s.note(ctx, r)
	return &authflowv1.MeResponse{}, nil
}

func (s *recordingServer) SendVerificationEmail(ctx context.Context, r *authflowv1.SendVerificationEmailRequest) (*authflowv1.SendVerificationEmailResponse, error) {
	s.note(ctx, r)
	return &authflowv1.SendVerificationEmailResponse{}, nil
}

func (s *recordingServer) VerifyEmail(ctx context.Context, r *authflowv1.VerifyEmailRequest) (*authflowv1.VerifyEmailResponse, error) {
	s.note(ctx, r)
	return &authflowv1.VerifyEmailResponse{}, nil
}

func (s *recordingServer) ForgotPassword(ctx context.Context, r *authflowv1.ForgotPasswordRequest) (*authflowv1.ForgotPasswordResponse, error) {
	s.note(ctx, r)
	return &authflowv1.ForgotPasswordResponse{}, nil
}

func (s *recordingServer) ResetPassword(ctx context.Context, r *authflowv1.ResetPasswordRequest) (*authflowv1.ResetPasswordResponse, error) {
	s.note(ctx, r)
	return &authflowv1.ResetPasswordResponse{}, nil
}

func (s *recordingServer) RenewSession(ctx context.Context, r *authflowv1.RenewSessionRequest) (*authflowv1.RenewSessionResponse, error) {
	s.note(ctx, r)
	return &authflowv1.RenewSessionResponse{}, nil
}

func (s *recordingServer) ListMySessions(ctx context.Context, r *authflowv1.ListMySessionsRequest) (*authflowv1.ListMySessionsResponse, error) {
	s.note(ctx, r)
	return &authflowv1.ListMySessionsResponse{}, nil
}

func (s *recordingServer) EndMySessions(ctx context.Context, r *authflowv1.EndMySessionsRequest) (*authflowv1.EndMySessionsResponse, error) {
	s.note(ctx, r)
	return &authflowv1.EndMySessionsResponse{}, nil
}

func (s *recordingServer) UpdateProfile(ctx context.Context, r *authflowv1.UpdateProfileRequest) (*authflowv1.UpdateProfileResponse, error) {
	s.note(ctx, r)
	return &authflowv1.UpdateProfileResponse{}, nil
}

func (s *recordingServer) ChangeEmail(ctx context.Context, r *authflowv1.ChangeEmailRequest) (*authflowv1.ChangeEmailResponse, error) {
	s.note(ctx, r)
	return &authflowv1.ChangeEmailResponse{}, nil
}

func (s *recordingServer) DeleteAccount(ctx context.Context, r *authflowv1.DeleteAccountRequest) (*authflowv1.DeleteAccountResponse, error) {
	s.note(ctx, r)
	return &authflowv1.DeleteAccountResponse{}, nil
}

func (s *recordingServer) SendLoginCode(ctx context.Context, r *authflowv1.SendLoginCodeRequest) (*authflowv1.SendLoginCodeResponse, error) {
	s.note(ctx, r)
	return &authflowv1.SendLoginCodeResponse{}, nil
}

func (s *recordingServer) EnableTotp(ctx context.Context, r *authflowv1.EnableTotpRequest) (*authflowv1.EnableTotpResponse, error) {
	s.note(ctx, r)
	return &authflowv1.EnableTotpResponse{}, nil
}

func (s *recordingServer) ConfirmTotp(ctx context.Context, r *authflowv1.ConfirmTotpRequest) (*authflowv1.ConfirmTotpResponse, error) {
	s.note(ctx, r)
	return &authflowv1.ConfirmTotpResponse{}, nil
}

func (s *recordingServer) DisableTotp(ctx context.Context, r *authflowv1.DisableTotpRequest) (*authflowv1.DisableTotpResponse, error) {
	s.note(ctx, r)
	return &authflowv1.DisableTotpResponse{}, nil
}

func (s *recordingServer) RegenerateRecoveryCodes(ctx context.Context, r *authflowv1.RegenerateRecoveryCodesRequest) (*authflowv1.RegenerateRecoveryCodesResponse, error) {
	s.note(ctx, r)
	return &authflowv1.RegenerateRecoveryCodesResponse{}, nil
}

func (s *recordingServer) VerifyTotp(ctx context.Context, r *authflowv1.VerifyTotpRequest) (*authflowv1.VerifyTotpResponse, error) {
	s.note(ctx, r)
	return &authflowv1.VerifyTotpResponse{}, nil
}

func (s *recordingServer) SendEmailCode(ctx context.Context, r *authflowv1.SendEmailCodeRequest) (*authflowv1.SendEmailCodeResponse, error) {
	s.note(ctx, r)
	return &authflowv1.SendEmailCodeResponse{}, nil
}

func (s *recordingServer) VerifyEmailCode(ctx context.Context, r *authflowv1.VerifyEmailCodeRequest) (*authflowv1.VerifyEmailCodeResponse, error) {
	s.note(ctx, r)
	return &authflowv1.VerifyEmailCodeResponse{}, nil
}

func (s *recordingServer) VerifyRecoveryCode(ctx context.Context, r *authflowv1.VerifyRecoveryCodeRequest) (*authflowv1.VerifyRecoveryCodeResponse, error) {
	s.note(ctx, r)
	return &authflowv1.VerifyRecoveryCodeResponse{}, nil
}
