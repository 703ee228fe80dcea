package authflow

import (
	"context"
	"crypto/tls"
	"errors"
	"os"
	"strings"
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

// WithAddress says where the server's gRPC port is: "host:port" ("[::1]:50051"), "http://host:port" in clear text, or
// "https://host:port" by TLS. After a scheme the port may be left out (80, 443). AUTHFLOW_ADDRESS without this option.
func WithAddress(address string) Option {
	return func(s *settings) { s.address = &address }
}

// WithAPIKey gives the organization's API key. AUTHFLOW_API_KEY without this option.
func WithAPIKey(apiKey string) Option {
	return func(s *settings) { s.apiKey = &apiKey }
}

// WithDeadline bounds every call: its attempts, nonces and waits together. A context that ends earlier ends the call
// earlier. It must be positive; 10 seconds without this option.
func WithDeadline(deadline time.Duration) Option {
	return func(s *settings) { s.deadline = deadline }
}

// WithTLS encrypts the connection, to a loopback too. RootCAs of the configuration names an authority of your own,
// Certificates shows a client's certificate to a server that demands one; nil is TLS with the system's authorities.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) { s.tls = credentials.NewTLS(config) }
}

// WithPlaintext leaves the connection in clear text, to a host that is no loopback too. The key and passwords go with the
// calls: only where nobody else reads along, such as behind a mesh that encrypts.
func WithPlaintext() Option {
	return func(s *settings) { s.plaintext = true }
}

// WithOnRetry is told each repeat before its wait, for a log or a metric. It must be safe for concurrent use, and should
// be quick: the wait begins after it. It changes nothing, and a panic in it is caught.
func WithOnRetry(onRetry func(ctx context.Context, retry Retry)) Option {
	return func(s *settings) { s.onRetry = onRetry }
}

// WithDialOptions hands options to gRPC: interceptors, OpenTelemetry's stats handler, keepalive, a dialer. They come
// after the client's own, so they win, but for gRPC's own retries, which would multiply the client's: they stay off.
// Interceptors are called once for each request, a nonce's and a repeat's too, and never see the key.
func WithDialOptions(opts ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, opts...) }
}

type settings struct {
	address   *string
	apiKey    *string
	deadline  time.Duration
	tls       credentials.TransportCredentials
	plaintext bool
	onRetry   func(context.Context, Retry)
	dial      []grpc.DialOption

	endpoint endpoint
}

func settingsOf(opts []Option) (s settings, err error) {
	s.deadline = DefaultDeadline
	for _, opt := range opts {
		opt(&s)
	}
	s.address = orFromEnvironment(s.address, "AUTHFLOW_ADDRESS")
	s.apiKey = orFromEnvironment(s.apiKey, "AUTHFLOW_API_KEY")
	if s.endpoint, err = parseAddress(*s.address); err != nil {
		return s, err
	}
	return s, s.check()
}

func orFromEnvironment(given *string, variable string) *string {
	if given == nil {
		value := os.Getenv(variable)
		return &value
	}
	return given
}

func (s settings) check() error {
	switch {
	case *s.apiKey == "":
		return errors.New("authflow: the API key is missing: give WithAPIKey, or set AUTHFLOW_API_KEY")
	case strings.ContainsFunc(*s.apiKey, func(r rune) bool { return r <= ' ' || r > '~' }):
		// gRPC would refuse such a key in every call; a line break at the end of a file is what usually makes one.
		return errors.New("authflow: the API key holds a space, a line break or another character that no key has")
	case s.deadline <= 0:
		return errors.New("authflow: the deadline must be positive")
	case s.plaintext && s.tls != nil:
		return errors.New("authflow: WithPlaintext and WithTLS contradict each other")
	case s.plaintext && s.endpoint.scheme == "https":
		return errors.New("authflow: WithPlaintext contradicts the address, which begins with https://")
	case s.tls != nil && s.endpoint.scheme == "http":
		return errors.New("authflow: WithTLS contradicts the address, which begins with http://")
	}
	return nil
}

func (s settings) isSecure() bool {
	return s.tls != nil || s.endpoint.scheme == "https" ||
		(s.endpoint.scheme == "" && !s.plaintext && !s.endpoint.isLoopback())
}

func (s settings) transportCredentials() credentials.TransportCredentials {
	switch {
	case !s.isSecure():
		return insecure.NewCredentials()
	case s.tls != nil:
		return s.tls
	default:
		return credentials.NewTLS(nil)
	}
}

func (s settings) dialOptions() []grpc.DialOption {
	own := []grpc.DialOption{
		grpc.WithTransportCredentials(s.transportCredentials()),
		grpc.WithPerRPCCredentials(attachKey(*s.apiKey)),
		// A service configuration from DNS could set time-outs and retries that nobody here knows of.
		grpc.WithDisableServiceConfig(),
		// gRPC waits up to two minutes before it dials a server again that was away, and fails every call until then.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: firstRedial, Multiplier: 2, Jitter: 0.2, MaxDelay: longestRedial},
			// No call waits longer for a connection, unless it was told to.
			MinConnectTimeout: DefaultDeadline,
		}),
	}
	// Requests that never reached the server are still sent again by gRPC ("transparent retries"), which is safe.
	return append(append(own, s.dial...), grpc.WithDisableRetry())
}

// The longest is about what the repeats of one call wait together: a server that is back is found by the next call.
const (
	firstRedial   = 100 * time.Millisecond
	longestRedial = 250 * time.Millisecond
)
