package authflow_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"google.golang.org/grpc/codes"
)

func TestTLS(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_TLS_GRPC", withTLS(t, "ca.pem", ""))
	session := org.loggedIn(t)
	_, err := org.Validate(context.Background(), session.Token(), session.Email)
	fatalIf(t, err)

	expectNoConnection(t, "AUTHFLOW_TEST_TLS_GRPC", "another authority", withTLS(t, "foreign-ca.pem", ""))
	expectNoConnection(t, "AUTHFLOW_TEST_TLS_GRPC", "the system's authorities", authflow.WithTLS(nil))
	expectNoConnection(t, "AUTHFLOW_TEST_TLS_GRPC", "clear text")
}

func TestMutualTLS(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_MTLS_GRPC", withTLS(t, "ca.pem", "client"))
	session := org.loggedIn(t)
	_, err := org.Validate(context.Background(), session.Token(), session.Email)
	fatalIf(t, err)

	expectNoConnection(t, "AUTHFLOW_TEST_MTLS_GRPC", "no certificate", withTLS(t, "ca.pem", ""))
	expectNoConnection(t, "AUTHFLOW_TEST_MTLS_GRPC", "another's certificate", withTLS(t, "ca.pem", "foreign"))
}

func withTLS(t *testing.T, authority, certificate string) authflow.Option {
	t.Helper()
	folder := standVariable(t, "AUTHFLOW_TEST_CERTIFICATES")
	pem, err := os.ReadFile(filepath.Join(folder, authority))
	fatalIf(t, err)
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate", authority)
	}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(
			filepath.Join(folder, certificate+".pem"), filepath.Join(folder, certificate+"-key.pem"))
		fatalIf(t, err)
		config.Certificates = []tls.Certificate{pair}
	}
	return authflow.WithTLS(config)
}

func expectNoConnection(t *testing.T, addressVariable, with string, opts ...authflow.Option) {
	t.Helper()
	c := newClient(t, standVariable(t, addressVariable), "af_refused", append(opts, authflow.WithDeadline(3*time.Second))...)
	_, err := c.FooBar(context.Background(), "ada@example.com")
	t.Logf("with %s: %v", with, err)
	expectCode(t, err, codes.Unavailable)
}
