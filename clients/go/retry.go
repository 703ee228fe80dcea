package authflow

import (
	"context"
	"errors"
	"math/rand"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
)

const (
	maxAttempts    = 3
	firstBackoff   = 100 * time.Millisecond
	longestBackoff = time.Second
	// Counted in tenths of a repeat: a call that succeeds gives one back.
	fullBudget = 100
	oneRepeat  = 10
)

// Retry is a repeat that is about to be made.
type Retry struct {
	// Call is the call's name on the wire: "Login".
	Call string
	// Attempt is the number of the attempt that failed; 1 is the first.
	Attempt int
	// Reason is why it failed; empty where the error is not the server's own.
	Reason Reason
	Code   codes.Code
	// Wait is what goes by before the next attempt.
	Wait time.Duration
}

// repeat makes attempts until one succeeds or nothing allows another, within one deadline. An attempt is everything that
// one try of the call sends, a nonce request too.
func repeat[T any](ctx context.Context, c *Client, call string, attempt func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, c.deadline)
	defer cancel()
	for n := 1; ; n++ {
		result, err := attempt(ctx)
		if err == nil {
			c.answered.Store(true)
			c.budget.earn()
			return result, nil
		}
		var none T
		failure := c.explained(errorOf(err))
		wait, ok := waitBefore(n, failure, isOnce(err))
		if !ok || n == maxAttempts || !fits(ctx, wait) || !c.budget.take() {
			return none, failure
		}
		c.tell(ctx, Retry{Call: call, Attempt: n, Reason: failure.Reason, Code: failure.Code, Wait: wait})
		if err := sleep(ctx, wait); err != nil {
			return none, errorOf(err)
		}
	}
}

// tell runs the hook, which must not change what comes of a call.
func (c *Client) tell(ctx context.Context, retry Retry) {
	if c.onRetry == nil {
		return
	}
	defer func() { _ = recover() }()
	c.onRetry(ctx, retry)
}

// waitBefore tells how long to wait before the n-th repeat; false where there must be none.
func waitBefore(n int, failure *Error, once bool) (time.Duration, bool) {
	switch {
	case failure.Code == codes.DeadlineExceeded, failure.Reason == AccountLocked:
		return 0, false
	case failure.RetryAfter > 0:
		return failure.RetryAfter, true
	case failure.Code != codes.Unavailable:
		return 0, false
	case failure.Reason == "" && once:
		// It is not known what was done.
		return 0, false
	default:
		return backoffBefore(n), true
	}
}

// backoffBefore is random, so that clients that failed together do not come back together.
func backoffBefore(n int) time.Duration {
	whole := min(firstBackoff<<(n-1), longestBackoff)
	return whole/2 + time.Duration(rand.Int63n(int64(whole/2)+1))
}

func fits(ctx context.Context, wait time.Duration) bool {
	deadline, _ := ctx.Deadline()
	return wait < time.Until(deadline)
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// once marks the error of a request that must not be repeated when its reply was lost.
func once(err error) error {
	if err == nil {
		return nil
	}
	return onceError{err}
}

func isOnce(err error) bool {
	var once onceError
	return errors.As(err, &once)
}

type onceError struct{ error }

func (e onceError) Unwrap() error { return e.error }

// repeatBudget keeps an outage from being met with a storm. Its zero value is full.
type repeatBudget struct {
	mu    sync.Mutex
	spent int
}

func (b *repeatBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if fullBudget-b.spent < oneRepeat {
		return false
	}
	b.spent += oneRepeat
	return true
}

func (b *repeatBudget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(b.spent-1, 0)
}
