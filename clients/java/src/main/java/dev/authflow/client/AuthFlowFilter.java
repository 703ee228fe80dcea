package dev.authflow.client;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.function.Consumer;

/**
 * Lets requests with a live session pass, and puts the session's user on them. It answers 401 to those without one, and 503
 * where that cannot be told.
 */
public final class AuthFlowFilter implements Filter {
  /** The request's attribute that holds the {@link SessionUser}. */
  public static final String USER = "dev.authflow.user";

  private final SessionGuard guard;

  /** Asks the server on every request. */
  public AuthFlowFilter(AuthFlowClient client) {
    this(client, Duration.ZERO, error -> {});
  }

  /**
   * @param remember for how long a session that was valid is not asked for again, at most a second: a logout is seen that
   *     much later. {@link Duration#ZERO} asks on every request
   * @param onError is given what was answered with 503, for the log
   */
  public AuthFlowFilter(AuthFlowClient client, Duration remember, Consumer<AuthFlowException> onError) {
    this.guard = new SessionGuard(client, remember, onError);
  }

  /**
   * The user of a request that has passed the filter.
   *
   * @throws IllegalStateException where it has not
   */
  public static SessionUser user(ServletRequest request) {
    Object user = request.getAttribute(USER);
    if (user instanceof SessionUser) {
      return (SessionUser) user;
    }
    throw new IllegalStateException("the request has not passed an AuthFlowFilter");
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (!(request instanceof HttpServletRequest)) {
      throw new ServletException("AuthFlowFilter guards HTTP alone");
    }
    SessionUser user;
    try {
      user = guard.admit(Collections.list(((HttpServletRequest) request).getHeaders("Authorization")));
    } catch (AuthFlowException refusal) {
      answer((HttpServletResponse) response, refusal);
      return;
    }
    request.setAttribute(USER, user);
    chain.doFilter(request, response);
  }

  private static void answer(HttpServletResponse response, AuthFlowException refusal) throws IOException {
    int status;
    switch (refusal.code()) {
      case UNAUTHENTICATED:
        status = HttpServletResponse.SC_UNAUTHORIZED;
        response.setHeader("WWW-Authenticate", "Bearer");
        break;
      default:
        status = HttpServletResponse.SC_SERVICE_UNAVAILABLE;
    }
    refusal.retryAfter().ifPresent(wait -> response.setHeader("Retry-After", Long.toString(wholeSeconds(wait))));
    String body =
        "{\"statusCode\":" + status
            + ",\"error\":" + JsonText.quoted(refusal.reason())
            + ",\"message\":" + JsonText.quoted(refusal.getMessage()) + "}";
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    response.setHeader("Cache-Control", "no-store");
    response.setContentType("application/json");
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }

  /** Rounded up: a try that comes too early is refused again. */
  private static long wholeSeconds(Duration wait) {
    return wait.plusMillis(999).getSeconds();
  }
}
