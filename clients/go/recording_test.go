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
