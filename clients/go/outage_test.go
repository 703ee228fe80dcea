package authflow_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"google.golang.org/grpc/codes"
)

func TestServerRestartsUnderTheClient(t *testing.T) {
	ctx := context.Background()
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	session := org.loggedIn(t)

	stop := make(chan struct{})
	var loops sync.WaitGroup
	for loop := 0; loop < 4; loop++ {
		loops.Add(1)
		go func() {
			defer loops.Done()
			for {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
				}
				if _, err := org.Validate(ctx, session.Token(), session.Email); err != nil && !isUnavailable(err) {
					t.Errorf("during the restart: %v", err)
				}
			}
		}()
	}
	control(t, "POST", "/restart?down_ms=300")
	eventually(t, "the same client works again", func() bool {
		_, err := org.Validate(ctx, session.Token(), session.Email)
		return err == nil
	})
	close(stop)
	loops.Wait()
	if _, err := org.Login(ctx, session.Email, password); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}

func isUnavailable(err error) bool {
	var failure *authflow.Error
	return errors.As(err, &failure) && failure.Code == codes.Unavailable
}

func TestUnreachableServer(t *testing.T) {
	c := newClient(t, closedAddress(t), "af_unreachable")
	begun := time.Now()
	_, err := c.Validate(context.Background(), "header.payload.signature", "ada@example.com")
	expectCode(t, err, codes.Unavailable)
	if took := time.Since(begun); took > authflow.DefaultDeadline {
		t.Errorf("took %s", took)
	}
}

// A peer that accepts connections and says nothing.
func TestDeadlineAndCancellationEndACall(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fatalIf(t, err)
	defer listener.Close()
	mute := listener.Addr().String()

	c := newClient(t, mute, "af_mute", authflow.WithDeadline(200*time.Millisecond))
	_, err = c.Validate(context.Background(), "header.payload.signature", "ada@example.com")
	expectCode(t, err, codes.DeadlineExceeded)
	if !strings.Contains(err.Error(), mute) {
		t.Errorf("%v names no address", err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	begun := time.Now()
	_, err = newClient(t, mute, "af_mute").Validate(ctx, "header.payload.signature", "ada@example.com")
	expectCode(t, err, codes.Canceled)
	if !errors.Is(err, context.Canceled) || time.Since(begun) > 5*time.Second {
		t.Errorf("got %v after %s", err, time.Since(begun))
	}
}

// Every attempt fails at once, so the cancellation falls into a wait.
func TestCancellationEndsAWait(t *testing.T) {
	c := newClient(t, closedAddress(t), "af_unreachable")
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(25*time.Millisecond, cancel)
	_, err := c.Validate(ctx, "header.payload.signature", "ada@example.com")
	expectCode(t, err, codes.Canceled)
}

func closedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fatalIf(t, err)
	defer listener.Close()
	return listener.Addr().String()
}
