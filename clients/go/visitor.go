package authflow

import (
	"context"
	"strings"
)

// Visitor is the person behind your backend, as far as you know. The server heeds it from an API key that was never in
// session tokens, and ignores what is malformed.
type Visitor struct {
	// ClientIP is an IP address without a port. Behind a proxy it is not RemoteAddr's: take the one that your proxy vouches
	// for.
	ClientIP string
	// UserAgent is the header User-Agent.
	UserAgent string
}

type visitorKey struct{}

// ContextWithVisitor lets the calls that are made with the context, the middleware's too, tell the server who is behind
// them.
func ContextWithVisitor(ctx context.Context, visitor Visitor) context.Context {
	return context.WithValue(ctx, visitorKey{}, visitor)
}

// VisitorFromContext is the visitor as calls that are made with the context tell it, for an [Authenticator] of your own.
func VisitorFromContext(ctx context.Context) Visitor { return visitorOn(ctx) }

// mostOfVisitor bounds each of the two, in bytes: what a stranger sends must not make a request too large.
const mostOfVisitor = 1024

func visitorOn(ctx context.Context) Visitor {
	visitor, _ := ctx.Value(visitorKey{}).(Visitor)
	return Visitor{ClientIP: sendable(visitor.ClientIP), UserAgent: sendable(visitor.UserAgent)}
}

// sendable keeps out what protobuf cannot carry: headers may hold any bytes.
func sendable(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), mostOfVisitor)], "")
}
