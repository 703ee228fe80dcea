package authflowfake

import (
	"fmt"

	"go.authflow.dev/authflow"
)

// SecondFactorDemand is what an organization wants of its users' second factors.
type SecondFactorDemand string

// The demands.
const (
	// SecondFactorOptional leaves it to the user.
	SecondFactorOptional SecondFactorDemand = "optional"
	// SecondFactorRequired leads logins of users without one to its setup.
	SecondFactorRequired SecondFactorDemand = "required"
	// SecondFactorOff lets nobody set one up; who has one still needs it.
	SecondFactorOff SecondFactorDemand = "off"
)

// Settings are those of the fake's organization that logins depend on. The zero value is a new organization's.
type Settings struct {
	// SecondFactor is SecondFactorOptional where it is empty.
	SecondFactor SecondFactorDemand
	// RequireVerifiedEmail refuses logins of users who have not proven their e-mail.
	RequireVerifiedEmail bool
	// LoginByEmail lets a code by mail log in.
	LoginByEmail bool
}

// SetSettings changes the organization, as an administrator does by OrganizationService.
func (f *Fake) SetSettings(settings Settings) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settings = settings
}

// SetRoles gives a user these roles and no others, as a backend does by UserService; a role that is taken away ends the
// user's sessions. It fails where there is no such user.
func (f *Fake) SetRoles(email string, roles ...string) error {
	return f.manage(email, func(found *user) {
		given := authflow.NewRoles(roles...)
		for _, role := range found.roles.List() {
			if !given.HasAny(role) {
				f.end(found, all)
			}
		}
		found.roles = given
	})
}

// SetPassword gives a user a password, as a backend does by UserService, and ends the user's sessions. With mustChange the
// user has to set another before the next login. It fails where there is no such user.
func (f *Fake) SetPassword(email, password string, mustChange bool) error {
	return f.manage(email, func(found *user) {
		found.setPassword(password)
		found.mustChange = mustChange
		f.end(found, all)
	})
}

// SetDisabled refuses a user's logins and ends the user's sessions, or lets the user log in again, as a backend does by
// UserService. It fails where there is no such user.
func (f *Fake) SetDisabled(email string, disabled bool) error {
	return f.manage(email, func(found *user) {
		if disabled && !found.disabled {
			found.credentialVersion++
			f.end(found, all)
		}
		found.disabled = disabled
	})
}

// Unlock opens what wrong codes locked, as a backend does by UserService. It fails where there is no such user.
func (f *Fake) Unlock(email string) error {
	return f.manage(email, func(found *user) { found.wrongCodes, found.wrongRecoveryCodes = 0, 0 })
}

// ResetSecondFactor takes the second factor off who lost it, and ends the user's sessions, as a backend does by UserService.
// It fails where there is no such user.
func (f *Fake) ResetSecondFactor(email string) error {
	return f.manage(email, func(found *user) {
		f.takeOffFactor(found)
		f.end(found, all)
	})
}

func (f *Fake) manage(email string, change func(*user)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.users[email]
	if found == nil {
		return fmt.Errorf("authflowfake: there is no user %s", email)
	}
	change(found)
	return nil
}

// setPassword makes void what the one before made.
func (u *user) setPassword(password string) {
	u.password, u.mustChange = password, false
	u.credentialVersion++
}
