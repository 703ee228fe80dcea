package dev.authflow.client;

import io.grpc.Context;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Lets requests with a live session pass, with its user as {@link HttpServletRequest#getUserPrincipal} and as an attribute.
 * It answers 401 to those without one, and 503 where that cannot be told.
 *
 * <p>By default a session token holds the organization's API key: set {@code AUTHFLOW_API_KEY_CLAIM=id} on the server before
 * tokens leave your backend.
 *
 * <p>A login that is made on the thread of a request, of a public one too, tells the server the session token that the
 * request came with.
 */
public final class AuthFlowFilter implements Filter {
  /** The request's attribute that holds the {@link SessionUser}. */
  public static final String USER = "dev.authflow.user";

  /** The request's attribute that holds the session's token, for {@link AuthFlow#logout}. */
  public static final String SESSION_TOKEN = "dev.authflow.session_token";

  /** The request's attribute that holds why a request went through without a user, an {@link AuthFlowException}. */
  public static final String REFUSAL = "dev.authflow.refusal";

  private final SessionGuard guard;
  private final Predicate<HttpServletRequest> isPublic;
  private final Function<HttpServletRequest, Optional<String>> session;

  /** Guards every request, and takes sessions from {@code Authorization: Bearer}. */
  public AuthFlowFilter(AuthFlow authflow) {
    this(builder(authflow));
  }

  private AuthFlowFilter(Builder options) {
    this.guard = options.guard(options.authflow);
    this.isPublic = options.isPublic;
    this.session = options.session;
  }

  /** Begins a filter with options. */
  public static Builder builder(AuthFlow authflow) {
    return new Builder(authflow);
  }

  /**
   * The user of a request that has passed the filter.
   *
   * @throws IllegalStateException where it has not, or went through without a user
   */
  public static SessionUser user(ServletRequest request) {
    return findUser(request).orElseThrow(AuthFlowFilter::noUser);
  }

  /** The user of a request; empty where it went through without one. */
  public static Optional<SessionUser> findUser(ServletRequest request) {
    return Optional.ofNullable(request.getAttribute(USER)).map(SessionUser.class::cast);
  }

  /**
   * The session token of a request that has passed the filter.
   *
   * @throws IllegalStateException where it has not, or went through without a user
   */
  public static String sessionToken(ServletRequest request) {
    return Optional.ofNullable(request.getAttribute(SESSION_TOKEN))
        .map(String.class::cast)
        .orElseThrow(AuthFlowFilter::noUser);
  }

  /** Answers with an error as a backend would: its HTTP status, the wait that it gives, and its JSON. */
  public static void answer(HttpServletResponse response, AuthFlowException error) throws IOException {
    byte[] body = error.toJson().getBytes(StandardCharsets.UTF_8);
    response.setStatus(error.httpStatus());
    if (error.httpStatus() == HttpServletResponse.SC_UNAUTHORIZED) {
      response.setHeader("WWW-Authenticate", "Bearer");
    }
    error.retryAfter().ifPresent(wait -> response.setHeader("Retry-After", Long.toString(wholeSeconds(wait))));
    response.setHeader("Cache-Control", "no-store");
    response.setContentType("application/json");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  /** Whether a request is let through unasked. */
  public boolean isPublic(HttpServletRequest request) {
    return isPublic.test(request);
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (!(request instanceof HttpServletRequest)) {
      throw new ServletException("AuthFlowFilter guards HTTP alone");
    }
    HttpServletRequest http = (HttpServletRequest) request;
    Optional<String> token = session.apply(http);
    Context handling = PreviousSession.with(token);
    Context before = handling.attach();
    try {
      guard(http, token, response, chain);
    } finally {
      handling.detach(before);
    }
  }

  private void guard(
      HttpServletRequest request, Optional<String> token, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (isPublic(request)) {
      chain.doFilter(request, response);
      return;
    }
    SessionUser user;
    try {
      user = guard.admit(token);
    } catch (AuthFlowException refusal) {
      if (guard.letsThrough(refusal)) {
        request.setAttribute(REFUSAL, refusal);
        chain.doFilter(request, response);
      } else {
        answer((HttpServletResponse) response, refusal);
      }
      return;
    }
    request.setAttribute(USER, user);
    request.setAttribute(SESSION_TOKEN, token.orElseThrow());
    chain.doFilter(new UsersRequest(request, user), response);
  }

  private static IllegalStateException noUser() {
    return new IllegalStateException("the request has no session: it has not passed an AuthFlowFilter, or was let through");
  }

  /** Rounded up: a try that comes too early is refused again. */
  private static long wholeSeconds(Duration wait) {
    return wait.plusMillis(999).getSeconds();
  }

  /** The options of an {@link AuthFlowFilter}. */
  public static final class Builder extends SessionGuard.Builder<Builder> {
    private final AuthFlow authflow;
    private Predicate<HttpServletRequest> isPublic = request -> false;
    private Function<HttpServletRequest, Optional<String>> session =
        request -> Bearer.token(Collections.list(request.getHeaders("Authorization")));

    private Builder(AuthFlow authflow) {
      this.authflow = authflow;
    }

    /**
     * Lets requests to these paths through unasked: {@code /assets/*} is all that begins so, anything else is one path. A
     * path is decoded and normalized, and begins after the context's.
     */
    public Builder publicPaths(String... paths) {
      Names names = new Names(paths);
      return publicRequests(request -> names.test(path(request)));
    }

    /** Lets these requests through unasked, besides those of other lists. */
    public Builder publicRequests(Predicate<HttpServletRequest> isPublic) {
      this.isPublic = this.isPublic.or(isPublic);
      return this;
    }

    /** Takes the session from the cookie of this name, and not from the header. */
    public Builder cookie(String name) {
      Objects.requireNonNull(name, "name");
      return session(request -> onlyCookie(request, name));
    }

    /** Takes the session from what this makes of a request, and not from the header. */
    public Builder session(Function<HttpServletRequest, Optional<String>> session) {
      this.session = Objects.requireNonNull(session, "session");
      return this;
    }

    /**
     * Makes the filter.
     *
     * @throws IllegalArgumentException where a session is remembered for longer than a second
     */
    public AuthFlowFilter build() {
      return new AuthFlowFilter(this);
    }

    @Override
    Builder self() {
      return this;
    }

    /** As the container understood it: by anything else a path could be written so that it seems public. */
    private static String path(HttpServletRequest request) {
      return request.getServletPath() + Objects.requireNonNullElse(request.getPathInfo(), "");
    }

    private static Optional<String> onlyCookie(HttpServletRequest request, String name) {
      Cookie[] cookies = Objects.requireNonNullElse(request.getCookies(), new Cookie[0]);
      List<String> values =
          Arrays.stream(cookies)
              .filter(cookie -> cookie.getName().equals(name))
              .map(Cookie::getValue)
              .collect(Collectors.toList());
      return values.size() == 1 ? Optional.of(values.get(0)) : Optional.empty();
    }
  }

  private static final class UsersRequest extends HttpServletRequestWrapper {
    private final SessionUser user;

    UsersRequest(HttpServletRequest request, SessionUser user) {
      super(request);
      this.user = user;
    }

    @Override
    public Principal getUserPrincipal() {
      return user;
    }

    @Override
    public String getRemoteUser() {
      return user.getName();
    }
  }
}
