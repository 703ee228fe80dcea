package authflow_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/metadata"
)

const password = "Analytical-1843"

// TestMain looks through all that was logged meanwhile, by the client, the middleware and gRPC at its most talkative,
// for the keys and tokens of all tests.
func TestMain(m *testing.M) {
	logged := &lockedBuffer{}
	log.SetOutput(logged)
	slog.SetDefault(slog.New(slog.NewJSONHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	grpclog.SetLoggerV2(grpclog.NewLoggerV2WithVerbosity(logged, logged, logged, 99))
	code := m.Run()
	if leaked := secrets.in(logged.String()); leaked != "" {
		fmt.Println("a log line holds", leaked)
		code = 1
	}
	os.Exit(code)
}

// standVariable is what the stand says under a name; without a stand the test fails.
func standVariable(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: these tests need servers. Start them with `npm run with-server -- go test ./...`.", name)
	}
	return value
}

// control makes something happen on the stand, and gives the reply's body.
func control(t *testing.T, method, path string) []byte {
	t.Helper()
	request, err := http.NewRequest(method, standVariable(t, "AUTHFLOW_TEST_CONTROL")+path, nil)
	fatalIf(t, err)
	response, err := http.DefaultClient.Do(request)
	fatalIf(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	fatalIf(t, err)
	if response.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, response.StatusCode, body)
	}
	return body
}

// organization is a fresh tenant of a server, with a client of its key.
type organization struct {
	*authflow.Client
	id, apiKey string
}

func newOrganization(t *testing.T, addressVariable string, opts ...authflow.Option) organization {
	t.Helper()
	address := standVariable(t, addressVariable)
	admin := newClient(t, address, "none", opts...)
	reply, err := authflowv1.NewOrganizationServiceClient(admin.Conn()).
		CreateOrganization(adminContext(t), &authflowv1.CreateOrganizationRequest{Name: uniqueName()})
	fatalIf(t, err)
	return organization{newClient(t, address, reply.GetApiKey(), opts...), reply.GetOrgId(), reply.GetApiKey()}
}

func newClient(t *testing.T, address, apiKey string, opts ...authflow.Option) *authflow.Client {
	t.Helper()
	secrets.add(apiKey)
	c, err := authflow.New(append([]authflow.Option{authflow.WithAddress(address), authflow.WithAPIKey(apiKey)}, opts...)...)
	fatalIf(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// adminContext carries the admin token, and ends with the test's patience.
func adminContext(t *testing.T) context.Context {
	t.Helper()
	token := standVariable(t, "AUTHFLOW_TEST_ADMIN_TOKEN")
	secrets.add(token)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// signedUp makes a user.
func (o organization) signedUp(t *testing.T) authflow.User {
	t.Helper()
	user, err := o.SignUp(context.Background(), authflow.NewUser{
		Email: uniqueName() + "@example.com", Password: password, FullName: "Ada Lovelace", Disclaimed: true,
	})
	fatalIf(t, err)
	return user
}

// loggedIn makes a user with a session.
func (o organization) loggedIn(t *testing.T) authflow.Session {
	t.Helper()
	session, err := o.Login(context.Background(), o.signedUp(t).Email, password)
	fatalIf(t, err)
	secrets.add(session.Token())
	return session
}

// refused expects the error of a reason.
func refused(t *testing.T, err error, reason authflow.Reason) *authflow.Error {
	t.Helper()
	var failure *authflow.Error
	if !errors.As(err, &failure) || failure.Reason != reason {
		t.Fatalf("got %v, want %s", err, reason)
	}
	if failure.Message == "" {
		t.Fatalf("%s came without a message", reason)
	}
	return failure
}

// eventually polls for half a minute.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func fatalIf(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func uniqueName() string {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		panic(err)
	}
	return "go-" + hex.EncodeToString(random[:])
}

func decodeJSON(t *testing.T, data []byte, into any) {
	t.Helper()
	fatalIf(t, json.Unmarshal(data, into))
}

// secretRegistry knows what no line may hold.
type secretRegistry struct {
	mu    sync.Mutex
	known []string
}

var secrets secretRegistry

func (s *secretRegistry) add(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range secrets {
		// "none" and the like are no keys.
		if len(secret) > 16 {
			s.known = append(s.known, secret)
		}
	}
}

func (s *secretRegistry) in(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range s.known {
		if bytes.Contains([]byte(text), []byte(secret)) {
			return secret
		}
	}
	return ""
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
