package dev.authflow.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Decides whose session a request brings. What servlets and gRPC make of that is theirs. */
final class SessionGuard {
  private static final Pattern BEARER = Pattern.compile("Bearer +([^ ]+) *", Pattern.CASE_INSENSITIVE);
  private static final Set<String> REFUSED_SESSIONS =
      Set.of(Reason.SESSION_INVALID, Reason.SESSION_EXPIRED, Reason.SESSION_REVOKED);

  private final AuthFlowClient client;
  private final RememberedSessions remembered;
  private final Consumer<AuthFlowException> onError;

  SessionGuard(AuthFlowClient client, Duration remember, Consumer<AuthFlowException> onError) {
    this.client = client;
    this.remembered = new RememberedSessions(remember);
    this.onError = onError;
  }

  /**
   * Gives the user of the session that the request's authorization headers hold.
   *
   * @throws AuthFlowException to be answered as it is: UNAUTHENTICATED where the session is refused, UNAVAILABLE where
   *     that cannot be told
   */
  SessionUser admit(Iterable<String> authorizations) {
    String token = bearer(authorizations).orElseThrow(SessionGuard::noSession);
    String email = TokenClaims.email(token).orElseThrow(SessionGuard::noSession);
    return remembered.get(token).orElseGet(() -> ask(token, email));
  }

  private SessionUser ask(String token, String email) {
    long askedAtNanos = System.nanoTime();
    try {
      SessionUser user = client.validate(token, email);
      remembered.put(token, user, askedAtNanos);
      return user;
    } catch (AuthFlowException error) {
      if (REFUSED_SESSIONS.contains(error.reason())) {
        throw error;
      }
      if (error.reason().equals(Reason.INVALID_ARGUMENT)) {
        // Token and e-mail are all that was sent, and both came from the visitor: a made-up e-mail is no outage.
        throw noSession();
      }
      onError.accept(error);
      throw cannotTell(error);
    }
  }

  private static Optional<String> bearer(Iterable<String> authorizations) {
    Optional<String> token = Optional.empty();
    int headers = 0;
    for (String authorization : authorizations) {
      headers += 1;
      Matcher bearer = BEARER.matcher(authorization);
      token = bearer.matches() ? Optional.of(bearer.group(1)) : Optional.empty();
    }
    // Of two headers, what stands before us may have looked at the other.
    return headers == 1 ? token : Optional.empty();
  }

  private static AuthFlowException noSession() {
    ErrorDetails details = new ErrorDetails(Reason.SESSION_INVALID, List.of(), null);
    return new AuthFlowException(
        Status.UNAUTHENTICATED.withDescription("a session token is needed as a bearer"), details, null);
  }

  /** Without the error's sentence, which may name machines of ours. */
  private static AuthFlowException cannotTell(AuthFlowException error) {
    ErrorDetails details = new ErrorDetails(Reason.UNAVAILABLE, List.of(), error.retryAfter().orElse(null));
    return new AuthFlowException(
        Status.UNAVAILABLE.withDescription("the session cannot be checked at the moment"), details, error);
  }
}
