package dev.authflow.client;

import java.util.Optional;
import java.util.regex.Pattern;

/** Lets users through who have at least one of some roles. */
final class RequiredRoles {
  /** UserService's form. */
  private static final Pattern ROLE = Pattern.compile("[a-z][a-z0-9_.:-]{0,63}");

  private final String[] roles;

  /**
   * Any one of the roles is enough.
   *
   * @throws IllegalArgumentException where there is no role, or one that no user can have
   */
  RequiredRoles(String... roles) {
    this.roles = roles.clone();
    if (roles.length == 0) {
      throw new IllegalArgumentException("a role is needed");
    }
    for (String role : this.roles) {
      if (!ROLE.matcher(role).matches()) {
        throw new IllegalArgumentException(
            "\"" + role + "\" is no role: a-z, then up to 63 of a-z, 0-9, _, ., : and -");
      }
    }
  }

  /** Throws what is to be answered to a user without such a role, or to nobody. */
  void check(Optional<SessionUser> user) {
    if (!user.orElseThrow(AuthFlowException::noSession).hasRole(roles)) {
      throw AuthFlowException.accessDenied();
    }
  }
}
