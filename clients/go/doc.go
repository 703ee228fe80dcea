// Package authflow is the Go client of AuthFlow: it signs up the users of one organization, logs them in, tells whose a
// session is and ends it.
//
// It is a thin layer over the stubs of go.authflow.dev/gen: it sends the API key with every call, fetches the nonce that
// a sign-up and a login spend, turns errors into [*Error] with the server's reason, gives every call a deadline, and
// repeats what is safe to repeat, within limits.
//
// The packages authhttp and authgrpc beside it guard net/http handlers and gRPC services by session tokens, and
// authflowfake is a client without a server, for tests.
package authflow
