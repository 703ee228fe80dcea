package guard

import (
	"fmt"
	"strings"
)

// Paths are those that are let through unasked: "/assets/*" is all that begins so, anything else one path.
type Paths []string

// Check tells which of the paths no request can have.
func (p Paths) Check() error {
	for _, path := range p {
		if !strings.HasPrefix(path, "/") {
			return fmt.Errorf("authflow: the path %q must begin with a slash", path)
		}
	}
	return nil
}

// Hold tells whether a path is one of them.
func (p Paths) Hold(path string) bool {
	for _, public := range p {
		beginning, isPrefix := strings.CutSuffix(public, "/*")
		if path == public || (isPrefix && strings.HasPrefix(path, beginning+"/")) {
			return true
		}
	}
	return false
}
