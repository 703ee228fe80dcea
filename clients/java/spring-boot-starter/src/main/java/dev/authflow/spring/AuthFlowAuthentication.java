package dev.authflow.spring;

import dev.authflow.client.SessionUser;
import java.util.List;
import java.util.Objects;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/**
 * The user of a live session: {@code @AuthenticationPrincipal SessionUser}. Its credentials are the session token, for
 * {@link dev.authflow.client.AuthFlow#logout}; it has no authorities.
 */
public final class AuthFlowAuthentication extends AbstractAuthenticationToken {
  private static final long serialVersionUID = 1L;

  private final SessionUser user;
  private transient String sessionToken;

  AuthFlowAuthentication(SessionUser user, String sessionToken) {
    super(List.of());
    this.user = user;
    this.sessionToken = sessionToken;
    setAuthenticated(true);
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
