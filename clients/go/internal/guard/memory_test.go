package guard

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"go.authflow.dev/authflow"
)

func TestMemoryForgetsInTime(t *testing.T) {
	m := newMemory(time.Second)
	asked := time.Now()
	m.keep("lasting", authflow.SessionUser{SessionID: "1", ExpiresAt: asked.Add(time.Hour)}, asked)
	m.keep("ending", authflow.SessionUser{SessionID: "2", ExpiresAt: asked.Add(300 * time.Millisecond)}, asked)
	for _, c := range []struct {
		token string
		after time.Duration
		known bool
	}{
		{"lasting", 0, true},
		{"lasting", 999 * time.Millisecond, true},
		{"lasting", time.Second, false},
		{"ending", 299 * time.Millisecond, true},
		{"ending", 300 * time.Millisecond, false},
		{"another", 0, false},
	} {
		if _, known := m.recall(c.token, asked.Add(c.after)); known != c.known {
			t.Errorf("%s after %s: known is %v", c.token, c.after, known)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := newMemory(time.Second)
	asked := time.Now()
	user := authflow.SessionUser{ExpiresAt: asked.Add(time.Hour)}
	for n := 0; n < mostRemembered+10; n++ {
		m.keep(fmt.Sprint(n), user, asked)
	}
	if len(m.sessions) != mostRemembered || len(m.arrivals) != mostRemembered {
		t.Errorf("%d sessions, %d arrivals", len(m.sessions), len(m.arrivals))
	}
	if _, known := m.recall("0", asked); known {
		t.Error("the first is still there")
	}
	if _, known := m.recall(fmt.Sprint(mostRemembered+9), asked); !known {
		t.Error("the last is not there")
	}
	later := asked.Add(2 * time.Second)
	m.keep("one", user, later)
	if len(m.sessions) != 1 || len(m.arrivals) != 1 {
		t.Errorf("%d sessions and %d arrivals live on", len(m.sessions), len(m.arrivals))
	}
}

func TestMemoryHoldsDigests(t *testing.T) {
	m := newMemory(time.Second)
	m.keep("header.payload.signature", authflow.SessionUser{}, time.Now())
	if _, ok := m.sessions[sha256.Sum256([]byte("header.payload.signature"))]; !ok || len(m.sessions) != 1 {
		t.Errorf("got %v", m.sessions)
	}
}

func TestASessionAskedForAgainIsKeptAnew(t *testing.T) {
	m := newMemory(time.Second)
	asked := time.Now()
	user := authflow.SessionUser{ExpiresAt: asked.Add(time.Hour)}
	m.keep("token", user, asked)
	m.keep("token", user, asked.Add(900*time.Millisecond))
	m.keep("another", user, asked.Add(1500*time.Millisecond))
	if _, known := m.recall("token", asked.Add(1500*time.Millisecond)); !known {
		t.Error("it was forgotten with its first arrival")
	}
}

func TestGuardRefusesAnotherSpan(t *testing.T) {
	for _, span := range []time.Duration{-1, LongestMemory + 1} {
		if _, err := New(nil, Settings{Remember: span}); err == nil {
			t.Errorf("%s is not refused", span)
		}
	}
}
