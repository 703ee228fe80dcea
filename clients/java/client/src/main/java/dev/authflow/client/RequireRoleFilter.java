package dev.authflow.client;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Stands behind an {@link AuthFlowFilter} and lets requests of users pass who have at least one of the roles. It answers 403
 * ({@link Reason#ACCESS_DENIED}) to others, and 401 to those without a session. It asks nobody: the roles are those that
 * the server told with the session.
 */
public final class RequireRoleFilter implements Filter {
  private final RequiredRoles roles;

  /**
   * Any one of the roles is enough.
   *
   * @throws IllegalArgumentException where there is no role, or one that no user can have
   */
  public RequireRoleFilter(String... roles) {
    this.roles = new RequiredRoles(roles);
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try {
      roles.check(AuthFlowFilter.findUser(request));
    } catch (AuthFlowException refusal) {
      AuthFlowFilter.answer((HttpServletResponse) response, refusal);
      return;
    }
    chain.doFilter(request, response);
  }
}
