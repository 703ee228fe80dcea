package dev.authflow.spring;

import dev.authflow.client.AuthFlowException;
import dev.authflow.client.AuthFlowFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;

/** Answers who needs a session and has none, with what the server said of theirs. */
final class AuthFlowEntryPoint implements AuthenticationEntryPoint {
  @Override
  public void commence(HttpServletRequest request, HttpServletResponse response, AuthenticationException needed)
      throws IOException {
    if (request.getAttribute(AuthFlowFilter.REFUSAL) instanceof AuthFlowException refusal) {
      AuthFlowFilter.answer(response, refusal);
      return;
    }
    // A public path, which was not asked about, behind a rule that wants a user.
    response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
  }
}
