package authflow

import (
	"encoding/json"
	"strings"
)

// Roles is a list of roles that nobody can change. Its zero value is empty. Two with the same roles in the same order are
// equal.
type Roles struct{ joined string }

// betweenRoles is in no role: those are of a-z, 0-9, "_", ".", ":" and "-".
const betweenRoles = ","

// NewRoles makes a list, for an [Authenticator] of your own.
func NewRoles(roles ...string) Roles { return Roles{strings.Join(roles, betweenRoles)} }

// List is a copy.
func (r Roles) List() []string {
	if r.joined == "" {
		return []string{}
	}
	return strings.Split(r.joined, betweenRoles)
}

// HasAny tells whether at least one of the roles is in the list.
func (r Roles) HasAny(roles ...string) bool {
	for _, own := range r.List() {
		for _, role := range roles {
			if own == role {
				return true
			}
		}
	}
	return false
}

// String is the roles with commas between them.
func (r Roles) String() string { return r.joined }

// MarshalJSON is a list of strings.
func (r Roles) MarshalJSON() ([]byte, error) { return json.Marshal(r.List()) }

// UnmarshalJSON reads a list of strings.
func (r *Roles) UnmarshalJSON(text []byte) error {
	var list []string
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*r = NewRoles(list...)
	return nil
}
