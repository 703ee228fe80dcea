package dev.authflow.client;

import io.grpc.Context;
import java.util.Optional;

/** The session that a request came with, live or not, for the logins of its handler. */
final class PreviousSession {
  private static final Context.Key<String> TOKEN = Context.key("dev.authflow.previous_session");

  private PreviousSession() {}

  /**
   * The current context, in which a login tells this session. What cannot be a session token is left out: it may be a
   * secret of another party.
   */
  static Context with(Optional<String> sessionToken) {
    Context current = Context.current();
    return sessionToken
        .filter(token -> TokenClaims.email(token).isPresent())
        .map(token -> current.withValue(TOKEN, token))
        .orElse(current);
  }

  /** The session of the current context; empty where there is none. */
  static String current() {
    return Optional.ofNullable(TOKEN.get()).orElse("");
  }
}
