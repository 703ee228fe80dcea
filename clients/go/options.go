package client

import (
	"crypto/tls"
	"errors"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// DefaultDeadline is what a call may take where neither [WithDeadline] nor its context says less. The server cuts every
// request to the same.
const DefaultDeadline = 10 * time.Second

// Option changes how [New] makes a client.
type Option func(*settings)

// WithDeadline bounds every call: its attempts, nonces and waits together. A context that ends earlier ends the call
// earlier. It must be positive; 10 seconds without this option.
func WithDeadline(deadline time.Duration) Option {
	return func(s *settings) { s.deadline = deadline }
}

// WithTLS encrypts the connection. RootCAs of the configuration names an authority of your own, Certificates shows a
// client's certificate to a server that demands one; nil is TLS with the system's authorities.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) { s.credentials = credentials.NewTLS(config) }
}

// WithDialOptions hands options to gRPC: interceptors, keepalive, a dialer. They come after the client's own, so they
// win, but for gRPC's own retries, which would multiply the client's: they stay off.
func WithDialOptions(opts ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, opts...) }
}

type settings struct {
	deadline    time.Duration
	credentials credentials.TransportCredentials
	dial        []grpc.DialOption
}

func settingsOf(opts []Option) (settings, error) {
	s := settings{deadline: DefaultDeadline, credentials: insecure.NewCredentials()}
	for _, opt := range opts {
		opt(&s)
	}
	if s.deadline <= 0 {
		return s, errors.New("authflow: the deadline must be positive")
	}
	return s, nil
}

func (s settings) dialOptions(attachKey grpc.UnaryClientInterceptor) []grpc.DialOption {
	own := []grpc.DialOption{
		grpc.WithTransportCredentials(s.credentials),
		grpc.WithChainUnaryInterceptor(attachKey),
		// A service configuration from DNS could set time-outs and retries that nobody here knows of.
		grpc.WithDisableServiceConfig(),
		// gRPC waits up to two minutes before it dials a server again that was away, and fails every call until then.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: firstBackoff, Multiplier: 2, Jitter: 0.2, MaxDelay: longestBackoff},
			// No call waits longer for a connection, unless it was told to.
			MinConnectTimeout: DefaultDeadline,
		}),
	}
	// Requests that never reached the server are still sent again by gRPC ("transparent retries"), which is safe.
	return append(append(own, s.dial...), grpc.WithDisableRetry())
}
