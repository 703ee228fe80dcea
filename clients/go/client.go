package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Client makes the six calls for one organization, over one connection that it keeps. It is safe for concurrent use:
// make one and share it. Printed or logged it tells its address and never its key.
type Client struct {
	address  string
	conn     *grpc.ClientConn
	stub     authflowv1.AuthServiceClient
	deadline time.Duration
	budget   repeatBudget
}

// New makes a client for the server at address, "host:port" or any target of gRPC, with the API key of an organization.
// The connection is made by the first call; a wrong address or key is found then.
//
// Without [WithTLS] the connection is in clear text, which a network that others share must not see: the key goes with
// every call.
func New(address, apiKey string, opts ...Option) (*Client, error) {
	if address == "" {
		return nil, errors.New("authflow: the address is missing")
	}
	// gRPC would refuse such a key in every call; a line break at the end of a file is what usually makes one.
	if apiKey == "" || strings.ContainsFunc(apiKey, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("authflow: the API key is missing, or holds a space or a line break")
	}
	s, err := settingsOf(opts)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(address, s.dialOptions(attachKey(apiKey))...)
	if err != nil {
		return nil, fmt.Errorf("authflow: %w", err)
	}
	return &Client{
		address:  address,
		conn:     conn,
		stub:     authflowv1.NewAuthServiceClient(conn),
		deadline: s.deadline,
	}, nil
}

// Stub is the generated client over the same connection: the key goes along and nothing else is done. [DecodeError]
// reads its errors.
func (c *Client) Stub() authflowv1.AuthServiceClient {
	return c.stub
}

// Conn is the connection, for other generated clients. The key goes with the calls of AuthService alone.
func (c *Client) Conn() grpc.ClientConnInterface {
	return c.conn
}

// Close ends the connection; calls in flight fail, later ones too.
func (c *Client) Close() error {
	return c.conn.Close()
}

// String tells the address alone.
func (c *Client) String() string {
	return fmt.Sprintf("authflow client of %s", c.address)
}

// GoString tells the address alone.
func (c *Client) GoString() string {
	return c.String()
}

// attachKey sends the key with every call of AuthService. The key stays in a closure, out of reach of anything that
// prints a client's fields.
func attachKey(apiKey string) grpc.UnaryClientInterceptor {
	service := "/" + authflowv1.AuthService_ServiceDesc.ServiceName + "/"
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if strings.HasPrefix(method, service) {
			ctx = metadata.AppendToOutgoingContext(ctx, "x-api-key", apiKey)
		}
		return invoker(ctx, method, req, reply, cc, opts...)
	}
}
