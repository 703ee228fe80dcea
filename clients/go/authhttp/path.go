package authhttp

import (
	"net/url"
	"path"
	"strings"
)

// isPlain tells whether every handler reads a request's path as the same one: no segments that lead elsewhere, no
// slashes that are escaped.
func isPlain(u *url.URL) bool {
	escaped := strings.ToLower(u.EscapedPath())
	clean := path.Clean(u.Path)
	return (clean == u.Path || clean+"/" == u.Path) && !strings.Contains(escaped, "%2f") && !strings.Contains(escaped, "%5c") &&
		!strings.Contains(u.Path, `\`)
}
