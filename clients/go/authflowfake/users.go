package authflowfake

import (
	"fmt"

	"go.authflow.dev/authflow"
)

// SetRoles gives a user these roles and no others, as a backend does by UserService; a role that is taken away ends the
// user's sessions. It fails where there is no such user.
func (f *Fake) SetRoles(email string, roles ...string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.users[email]
	if found == nil {
		return fmt.Errorf("authflowfake: there is no user %s", email)
	}
	given := authflow.NewRoles(roles...)
	for _, role := range found.roles.List() {
		if !given.HasAny(role) {
			f.end(found, all)
		}
	}
	found.roles = given
	return nil
}
