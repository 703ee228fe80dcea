package dev.authflow.spring;

import dev.authflow.client.AuthFlowFilter;
import dev.authflow.client.SessionUser;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.web.filter.OncePerRequestFilter;

/** Makes a live session the request's Authentication. Whether a request needs one is for authorization to say. */
final class AuthFlowAuthenticationFilter extends OncePerRequestFilter {
  private final AuthFlowFilter sessions;
  /** So that what is dispatched again, errors too, is still the user's. */
  private final SecurityContextRepository contexts = new RequestAttributeSecurityContextRepository();

  /** By a filter in its optional mode. */
  AuthFlowAuthenticationFilter(AuthFlowFilter sessions) {
    this.sessions = sessions;
  }

  @Override
  protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    sessions.doFilter(
        request,
        response,
        (guarded, answered) -> {
          Optional<SessionUser> user = AuthFlowFilter.findUser(guarded);
          if (user.isPresent()) {
            authenticate(user.get(), request, response);
          }
          // Not the guarded request: its principal is the user, and Spring Security's own is the Authentication.
          chain.doFilter(request, response);
        });
  }

  private void authenticate(SessionUser user, HttpServletRequest request, HttpServletResponse response) {
    SecurityContext context = SecurityContextHolder.createEmptyContext();
    context.setAuthentication(new AuthFlowAuthentication(user, AuthFlowFilter.sessionToken(request)));
    SecurityContextHolder.setContext(context);
    contexts.saveContext(context, request, response);
  }
}
