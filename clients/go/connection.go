package authflow

import (
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
)

// explained gives an error that no server sent a sentence with the address and the cause. gRPC has both in its text
// alone, in the words of Go's standard library.
func (c *Client) explained(e *Error) *Error {
	switch {
	case e.Reason != "":
		c.answered.Store(true)
	case e.Code == codes.DeadlineExceeded:
		e.Message = fmt.Sprintf("%s did not answer in time: %s", c.endpoint, e.Message)
	case e.Code != codes.Unavailable:
	case isAny(e.Message, "error reading from server", "transport is closing", "keepalive ping failed"):
		e.Message = c.lost(e.Message)
	case isAny(e.Message, "connection error:", "resolver error:", "produced zero addresses"):
		e.Message = fmt.Sprintf("no connection to %s: %s", c.endpoint, causeIn(e.Message, c.secure))
	case isAny(e.Message, "read tcp ", "write tcp "):
		e.Message = c.lost(e.Message)
	}
	return e
}

func (c *Client) lost(text string) string {
	guess := ""
	if c.secure && !c.answered.Load() {
		// With TLS 1.3 a server refuses a client's certificate after the handshake, and its alert may come too late to be read.
		guess = " (does the server demand a client's certificate, or another?)"
	}
	return fmt.Sprintf("the connection to %s was lost%s: %s", c.endpoint, guess, text)
}

// causeIn finds in gRPC's text why there is no connection.
func causeIn(text string, secure bool) string {
	const handshake, preface = "handshake failed: ", "error reading server preface: "
	switch {
	case isAny(text, "no such host", "produced zero addresses"):
		return "no such host"
	case isAny(text, "lookup "):
		return "the host cannot be looked up: " + after(text, "lookup ")
	case isAny(text, "connection refused", "actively refused"):
		return "connection refused: is a server running there?"
	case isAny(text, "x509: "):
		return "the server's certificate is not trusted: " + after(text, "x509: ")
	case isAny(text, "remote error: tls: "):
		return "the server refused the TLS handshake (does it demand a client's certificate, or another?): " + after(text, "remote error: tls: ")
	case secure && isAny(text, handshake):
		return "no TLS handshake (does the server speak clear text there?): " + after(text, handshake)
	case !secure && isAny(text, preface):
		return "no answer in clear text (does the server speak TLS there?): " + after(text, preface)
	case isAny(text, "desc = "):
		return strings.Trim(after(text, "desc = "), `"`)
	default:
		return text
	}
}

func isAny(text string, phrases ...string) bool {
	for _, phrase := range phrases {
		if strings.Contains(text, phrase) {
			return true
		}
	}
	return false
}

func after(text, phrase string) string {
	_, rest, _ := strings.Cut(text, phrase)
	return strings.TrimSuffix(rest, `"`)
}
