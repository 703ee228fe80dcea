package dev.authflow.spring;

import dev.authflow.client.AuthFlowException;
import dev.authflow.client.AuthFlowFilter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.AccessDeniedHandlerImpl;
import org.springframework.security.web.csrf.CsrfException;

/** Answers who has a session and may not, for want of a role or other authority, in the server's own shape. */
final class AuthFlowAccessDeniedHandler implements AccessDeniedHandler {
  private final AccessDeniedHandler otherwise = new AccessDeniedHandlerImpl();

  @Override
  public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException denied)
      throws IOException, ServletException {
    if (denied instanceof CsrfException) {
      otherwise.handle(request, response, denied);
      return;
    }
    AuthFlowFilter.answer(response, AuthFlowException.accessDenied());
  }
}
