package authgrpc

import (
	"go.authflow.dev/authflow/internal/guard"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// errorOf is a refusal in the shape of the server's own errors.
func errorOf(refusal *guard.Refusal) error {
	plain := status.New(refusal.Code, refusal.Message)
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: string(refusal.Reason), Domain: "authflow"}}
	if refusal.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(refusal.RetryAfter)})
	}
	detailed, err := plain.WithDetails(details...)
	if err != nil {
		return plain.Err()
	}
	return detailed.Err()
}
