package authgrpc_test

import (
	"context"
	"log"
	"os"

	"go.authflow.dev/client"
	"go.authflow.dev/client/authgrpc"
	"google.golang.org/grpc"
)

func Example() {
	auth, err := client.New("localhost:50051", os.Getenv("AUTHFLOW_API_KEY"))
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
	// Handlers find the user by client.UserFromContext(ctx).
	defer server.Stop()
}
