package dev.authflow.spring;

import dev.authflow.client.AuthFlowFilter;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.ExceptionHandlingConfigurer;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;

/**
 * Brings AuthFlow's sessions into a chain of Spring Security: {@code http.with(authFlowConfigurer, withDefaults())}. A live
 * session becomes the request's {@link AuthFlowAuthentication}; who needs one and has none is answered 401, and 503 where
 * that cannot be told; who has one and may not, by {@code hasRole} and its like, 403. There is one for each chain that asks for the bean.
 */
public final class AuthFlowConfigurer extends AbstractHttpConfigurer<AuthFlowConfigurer, HttpSecurity> {
  private final AuthFlowFilter sessions;

  AuthFlowConfigurer(AuthFlowFilter sessions) {
    this.sessions = sessions;
  }

  /** Whether a request is to one of {@code authflow.filter.public-paths}, for the rules of a chain. */
  public boolean isPublic(HttpServletRequest request) {
    return sessions.isPublic(request);
  }

  @Override
  public void init(HttpSecurity http) {
    @SuppressWarnings("unchecked")
    ExceptionHandlingConfigurer<HttpSecurity> errors = http.getConfigurer(ExceptionHandlingConfigurer.class);
    if (errors != null) {
      errors.defaultAuthenticationEntryPointFor(new AuthFlowEntryPoint(), AnyRequestMatcher.INSTANCE);
      errors.defaultAccessDeniedHandlerFor(new AuthFlowAccessDeniedHandler(), AnyRequestMatcher.INSTANCE);
    }
  }

  @Override
  public void configure(HttpSecurity http) {
    http.addFilterBefore(new AuthFlowAuthenticationFilter(sessions), AnonymousAuthenticationFilter.class);
  }
}
