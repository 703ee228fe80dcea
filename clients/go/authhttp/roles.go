package authhttp

import (
	"net/http"

	"go.authflow.dev/authflow/internal/guard"
)

// RequireRole stands behind [Middleware] and lets requests through whose user has any one of the roles. Others are
// answered 403 ([authflow.AccessDenied]), and 401 those without a session. It asks nobody: the roles are those that
// Validate told. It fails where there is no role, or one that no user can have.
func RequireRole(roles ...string) (func(http.Handler) http.Handler, error) {
	check, err := guard.NewRoleCheck(roles)
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if refusal := check.Refuse(r.Context()); refusal != nil {
				write(w, errorOf(refusal))
				return
			}
			next.ServeHTTP(w, r)
		})
	}, nil
}
