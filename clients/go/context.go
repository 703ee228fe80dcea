package client

import "context"

type userKey struct{}

// ContextWithUser puts the user of a session on a context, as the middleware of authhttp and authgrpc does.
func ContextWithUser(ctx context.Context, user SessionUser) context.Context {
	return context.WithValue(ctx, userKey{}, user)
}

// UserFromContext is the user that the middleware put on a request's context; false where none did.
func UserFromContext(ctx context.Context) (SessionUser, bool) {
	user, ok := ctx.Value(userKey{}).(SessionUser)
	return user, ok
}
