package dev.authflow.spring;

import dev.authflow.client.SessionUser;
import java.util.List;
import java.util.Objects;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/**
 * The user of a live session: {@code @AuthenticationPrincipal SessionUser}. Its credentials are the session token, for
 * {@link dev.authflow.client.AuthFlow#logout}; its authorities are the user's roles, with {@code ROLE_} before each, so that
 * {@code hasRole("auditor")} finds the role {@code auditor}.
 */
public final class AuthFlowAuthentication extends AbstractAuthenticationToken {
  private static final long serialVersionUID = 1L;

  private final SessionUser user;
  private transient String sessionToken;

  AuthFlowAuthentication(SessionUser user, String sessionToken) {
    super(authorities(user));
    this.user = user;
    this.sessionToken = sessionToken;
    setAuthenticated(true);
  }

  private static List<GrantedAuthority> authorities(SessionUser user) {
    return user.roles().stream().<GrantedAuthority>map(role -> new SimpleGrantedAuthority("ROLE_" + role)).toList();
  }

  @Override
  public SessionUser getPrincipal() {
    return user;
  }

  /** Null after it was erased, or kept in an HTTP session. */
  @Override
  public String getCredentials() {
    return sessionToken;
  }

  @Override
  public void eraseCredentials() {
    super.eraseCredentials();
    sessionToken = null;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AuthFlowAuthentication authentication
        && user.sessionId().equals(authentication.user.sessionId());
  }

  @Override
  public int hashCode() {
    return Objects.hash(user.sessionId());
  }
}
