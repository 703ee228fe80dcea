package authflow

import (
	"context"
	"strings"

	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/grpc/credentials"
)

// attachedKey sends the API key with every call of AuthService, AccountService and SecondFactorService, after all
// interceptors: they never see it. The key stays in a closure, out of reach of anything that prints a connection's fields.
type attachedKey func() string

func attachKey(apiKey string) attachedKey {
	return func() string { return apiKey }
}

// GetRequestMetadata is part of [credentials.PerRPCCredentials].
func (k attachedKey) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	request, _ := credentials.RequestInfoFromContext(ctx)
	for _, service := range []string{
		authflowv1.AuthService_ServiceDesc.ServiceName,
		authflowv1.AccountService_ServiceDesc.ServiceName,
		authflowv1.SecondFactorService_ServiceDesc.ServiceName,
	} {
		if strings.HasPrefix(request.Method, "/"+service+"/") {
			return map[string]string{"x-api-key": k()}, nil
		}
	}
	return nil, nil
}

// RequireTransportSecurity is part of [credentials.PerRPCCredentials]. Whether the connection may be in clear text was
// decided when the client was made.
func (attachedKey) RequireTransportSecurity() bool { return false }
