package guard

import (
	"crypto/sha256"
	"sync"
	"time"

	"go.authflow.dev/authflow"
)

const mostRemembered = 10_000

// memory keeps sessions that were valid a moment ago, by their tokens' digests: a dump of the process must not hold the
// tokens of everybody who was here. A nil memory remembers nothing.
type memory struct {
	span time.Duration

	mu       sync.Mutex
	sessions map[digest]remembered
	// In the order of arrival, which is nearly that of their ends.
	arrivals []arrival
}

type digest [sha256.Size]byte

type remembered struct {
	user  authflow.SessionUser
	until time.Time
}

type arrival struct {
	token digest
	until time.Time
}

func newMemory(span time.Duration) *memory {
	return &memory{span: span, sessions: map[digest]remembered{}}
}

func (m *memory) recall(token string, now time.Time) (authflow.SessionUser, bool) {
	if m == nil {
		return authflow.SessionUser{}, false
	}
	key := digest(sha256.Sum256([]byte(token)))
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.sessions[key]
	if !ok || !now.Before(found.until) || !now.Before(found.user.ExpiresAt) {
		return authflow.SessionUser{}, false
	}
	return found.user, true
}

// keep remembers a session from the moment the server was asked: it may have ended while the reply was on its way.
func (m *memory) keep(token string, user authflow.SessionUser, asked time.Time) {
	if m == nil {
		return
	}
	key := digest(sha256.Sum256([]byte(token)))
	until := asked.Add(m.span)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(asked)
	m.sessions[key] = remembered{user: user, until: until}
	m.arrivals = append(m.arrivals, arrival{token: key, until: until})
}

// forget makes room for one more, and drops what is over.
func (m *memory) forget(now time.Time) {
	for len(m.arrivals) > 0 {
		first := m.arrivals[0]
		if now.Before(first.until) && len(m.arrivals) < mostRemembered {
			return
		}
		m.arrivals = m.arrivals[1:]
		// The session may have been asked for again since.
		if m.sessions[first.token].until.Equal(first.until) {
			delete(m.sessions, first.token)
		}
	}
}
