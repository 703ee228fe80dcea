package dev.authflow.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Decides whose session a token is, and what a request without one may do. Servlets and gRPC make of that what they do. */
final class SessionGuard {
  private static final Set<String> REFUSED_SESSIONS =
      Set.of(Reason.SESSION_INVALID, Reason.SESSION_EXPIRED, Reason.SESSION_REVOKED);

  private final AuthFlow authflow;
  private final boolean optional;
  private final RememberedSessions remembered;
  private final Consumer<AuthFlowException> onError;

  private SessionGuard(AuthFlow authflow, Builder<?> options) {
    this.authflow = authflow;
    this.optional = options.optional;
    this.remembered = new RememberedSessions(options.remember);
    this.onError = options.onError;
  }

  /**
   * Gives the user of a session.
   *
   * @throws AuthFlowException to be answered as it is: UNAUTHENTICATED where the session is refused, UNAVAILABLE where
   *     that cannot be told
   */
  SessionUser admit(Optional<String> sessionToken) {
    String token = sessionToken.orElseThrow(AuthFlowException::noSession);
    String email = TokenClaims.email(token).orElseThrow(AuthFlowException::noSession);
    return remembered.get(token).orElseGet(() -> ask(token, email));
  }

  /** Whether a request goes through without a user. */
  boolean letsThrough(AuthFlowException refusal) {
    return optional && refusal.code() == Status.Code.UNAUTHENTICATED;
  }

  private SessionUser ask(String token, String email) {
    long askedAtNanos = System.nanoTime();
    try {
      SessionUser user = authflow.validate(token, email);
      remembered.put(token, user, askedAtNanos);
      return user;
    } catch (AuthFlowException error) {
      if (REFUSED_SESSIONS.contains(error.reason())) {
        throw error;
      }
      if (error.reason().equals(Reason.INVALID_ARGUMENT)) {
        // Token and e-mail are all that was sent, and both came from the visitor: a made-up e-mail is no outage.
        throw AuthFlowException.noSession();
      }
      onError.accept(error);
      throw cannotTell(error);
    }
  }

  /** Without the error's sentence, which may name machines of ours. */
  private static AuthFlowException cannotTell(AuthFlowException error) {
    ErrorDetails details = ErrorDetails.of(Reason.UNAVAILABLE, error.retryAfter().orElse(null));
    return new AuthFlowException(
        Status.UNAVAILABLE.withDescription("The session cannot be checked at the moment."), details, error);
  }

  private static void log(AuthFlowException error) {
    System.getLogger(AuthFlow.class.getPackageName())
        .log(System.Logger.Level.WARNING, "a session cannot be checked", error);
  }

  /** The options that servlets and gRPC share. */
  abstract static class Builder<B extends Builder<B>> {
    private boolean optional;
    private Duration remember = Duration.ZERO;
    private Consumer<AuthFlowException> onError = SessionGuard::log;

    abstract B self();

    final SessionGuard guard(AuthFlow authflow) {
      return new SessionGuard(Objects.requireNonNull(authflow, "authflow"), this);
    }

    /**
     * Lets those without a session, or with a refused one, through without a user. A session that cannot be checked is
     * still answered with UNAVAILABLE.
     */
    public B optional() {
      this.optional = true;
      return self();
    }

    /**
     * For how long a session that was valid is not asked for again, at most a second: a logout is seen that much later.
     * {@link Duration#ZERO}, unless told, asks every time.
     */
    public B remember(Duration remember) {
      this.remember = Objects.requireNonNull(remember, "remember");
      return self();
    }

    /** Is given the error behind each UNAVAILABLE; unless told, {@link System.Logger} is, at WARNING. */
    public B onError(Consumer<AuthFlowException> onError) {
      this.onError = Objects.requireNonNull(onError, "onError");
      return self();
    }
  }
}
