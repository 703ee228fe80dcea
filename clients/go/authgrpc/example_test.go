package authgrpc_test

import (
	"context"
	"log"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authgrpc"
	"google.golang.org/grpc"
)

func Example() {
	auth, err := authflow.New()
	if err != nil {
		log.Fatal(err)
	}
	guard, err := authgrpc.NewGuard(auth, authgrpc.WithOnError(func(_ context.Context, fullMethod string, err error) {
		log.Print(fullMethod, ": ", err)
	}))
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(
		grpc.UnaryInterceptor(guard.UnaryServerInterceptor),
		grpc.StreamInterceptor(guard.StreamServerInterceptor),
	)
	// Handlers find the user by authflow.UserFromContext(ctx), and the token by authflow.SessionTokenFromContext(ctx).
	defer server.Stop()
}
