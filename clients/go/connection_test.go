package authflow_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"google.golang.org/grpc/codes"
)

func TestNoConnectionSaysWhy(t *testing.T) {
	plain, secure := standVariable(t, "AUTHFLOW_TEST_GRPC"), standVariable(t, "AUTHFLOW_TEST_TLS_GRPC")
	for name, c := range map[string]struct {
		address string
		opts    []authflow.Option
		cause   string
	}{
		"nobody listens": {closedAddress(t), nil, "connection refused"},
		// Without a name server nobody can say that there is none.
		"no such host":               {"nowhere.invalid:50051", nil, "no such host|cannot be looked up"},
		"another authority":          {secure, []authflow.Option{withTLS(t, "foreign-ca.pem", "")}, "not trusted"},
		"the system's authorities":   {"https://" + secure, nil, "not trusted"},
		"TLS against clear text":     {"https://" + plain, nil, "does the server speak clear text"},
		"clear text against TLS":     {secure, nil, "does the server speak TLS"},
		"no client's certificate":    {standVariable(t, "AUTHFLOW_TEST_MTLS_GRPC"), []authflow.Option{withTLS(t, "ca.pem", "")}, "demand a client's certificate"},
		"a certificate of a foreign": {standVariable(t, "AUTHFLOW_TEST_MTLS_GRPC"), []authflow.Option{withTLS(t, "ca.pem", "foreign")}, "demand a client's certificate"},
	} {
		c := c
		t.Run(name, func(t *testing.T) {
			client := newClient(t, c.address, "af_refused", append(c.opts, authflow.WithDeadline(5*time.Second))...)
			for _, call := range []func() error{
				func() error { _, err := client.FooBar(context.Background(), "ada@example.com"); return err },
				func() error {
					return client.Logout(context.Background(), "header.payload.signature", "ada@example.com")
				},
			} {
				err := call()
				t.Log(err)
				expectCode(t, err, codes.Unavailable)
				_, address, _ := strings.Cut("://"+strings.TrimPrefix(c.address, "https://"), "://")
				if !strings.Contains(err.Error(), address) || !regexp.MustCompile(c.cause).MatchString(err.Error()) {
					t.Errorf("%v names no %s, or no %q", err, address, c.cause)
				}
			}
		})
	}
}
