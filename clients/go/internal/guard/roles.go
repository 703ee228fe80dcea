package guard

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"go.authflow.dev/authflow"
	"google.golang.org/grpc/codes"
)

// roleForm is UserService's.
var roleForm = regexp.MustCompile(`^[a-z][a-z0-9_.:-]{0,63}$`)

// RoleCheck lets users through who have any one of some roles.
type RoleCheck struct{ roles []string }

// NewRoleCheck makes a check. It fails where there is no role, or one that no user can have.
func NewRoleCheck(roles []string) (RoleCheck, error) {
	if len(roles) == 0 {
		return RoleCheck{}, errors.New("authflow: RequireRole needs a role")
	}
	for _, role := range roles {
		if !roleForm.MatchString(role) {
			return RoleCheck{}, fmt.Errorf("authflow: %q is no role: a-z, then up to 63 of a-z, 0-9, _, ., : and -", role)
		}
	}
	return RoleCheck{append([]string(nil), roles...)}, nil
}

// Refuse tells why the user on a context is not let through; nil where the user is.
func (c RoleCheck) Refuse(ctx context.Context) *Refusal {
	user, ok := authflow.UserFromContext(ctx)
	switch {
	case !ok:
		return needed()
	case !user.Roles.HasAny(c.roles...):
		return &Refusal{Code: codes.PermissionDenied, Reason: authflow.AccessDenied, Message: "You may not do this."}
	default:
		return nil
	}
}

func needed() *Refusal {
	return &Refusal{Code: codes.Unauthenticated, Reason: authflow.SessionInvalid, Message: "A session token is needed."}
}
