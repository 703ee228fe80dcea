package authflow

import (
	"context"

	"go.authflow.dev/authflow/internal/sessiontoken"
)

type previousSessionKey struct{}

// ContextWithPreviousSession lets a [Client.Login] or [Client.LoginStep] that is made with the context tell the server
// which session the person's device had last, expired or ended: a sign of a known device, whose tries are counted apart
// from everybody else's. The middleware of authhttp and authgrpc does so by itself with the token that a request carries; what was put
// on the context last counts, and "" is no session. A token that a request cannot carry is left out, and one that
// proves nothing is ignored by the server: neither is an error.
func ContextWithPreviousSession(ctx context.Context, sessionToken string) context.Context {
	return context.WithValue(ctx, previousSessionKey{}, newSecret(sessionToken))
}

func previousSessionOn(ctx context.Context) string {
	token, _ := ctx.Value(previousSessionKey{}).(secret)
	if !sessiontoken.IsSendable(token.reveal()) {
		return ""
	}
	return token.reveal()
}
