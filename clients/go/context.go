package authflow

import "context"

type sessionKey struct{}

type admitted struct {
	user  SessionUser
	token secret
}

// ContextWithSession puts a session on a context, as the middleware of authhttp and authgrpc does.
func ContextWithSession(ctx context.Context, user SessionUser, sessionToken string) context.Context {
	return context.WithValue(ctx, sessionKey{}, admitted{user: user, token: newSecret(sessionToken)})
}

// UserFromContext is the user whose session the middleware let in; false where there is none.
func UserFromContext(ctx context.Context) (SessionUser, bool) {
	session, ok := ctx.Value(sessionKey{}).(admitted)
	return session.user, ok
}

// SessionTokenFromContext is the token of the session that the middleware let in, for [Client.Logout] and
// [Client.ChangePassword]; false where there is none.
func SessionTokenFromContext(ctx context.Context) (string, bool) {
	session, ok := ctx.Value(sessionKey{}).(admitted)
	return session.token.reveal(), ok
}
