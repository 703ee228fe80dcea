package authflow

import (
	"unicode/utf8"

	"google.golang.org/grpc/codes"
)

// parameter is one of a call's, by its name in the protocol.
type parameter struct{ name, text string }

// requireUTF8 refuses what protobuf cannot carry: a form may hold any bytes, and gRPC would call them an internal fault.
func requireUTF8(parameters ...parameter) error {
	var violations []Violation
	for _, p := range parameters {
		if !utf8.ValidString(p.text) {
			violations = append(violations, Violation{Field: p.name, Message: "must be UTF-8"})
		}
	}
	if violations == nil {
		return nil
	}
	return &Error{
		Reason:     InvalidArgument,
		Code:       codes.InvalidArgument,
		Message:    "Some parameters are missing or malformed.",
		Violations: violations,
	}
}
