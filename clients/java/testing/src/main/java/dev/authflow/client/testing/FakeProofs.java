package dev.authflow.client.testing;

import dev.authflow.client.Reason;
import java.time.Duration;

/** What users prove in calls with a session. For one thread at a time. */
final class FakeProofs {
  /** A server's. */
  private static final Duration FRESH = Duration.ofMinutes(15);

  private final FakeStore store;
  private final FakeCodes codes;

  FakeProofs(FakeStore store, FakeCodes codes) {
    this.store = store;
    this.codes = codes;
  }

  /** The live session of a token, whose e-mail is the given one, or that which the token claims. */
  FakeSession.Token live(Parameters parameters, String sessionToken, String given) {
    String email = email(parameters, sessionToken, given);
    parameters.refuseFaults();
    return store.live(sessionToken, email);
  }

  /** The e-mail of a call with a session token, normalized. */
  String email(Parameters parameters, String sessionToken, String given) {
    boolean isGiven = given != null && !given.isEmpty();
    String email = isGiven ? given : store.claimedEmail(sessionToken);
    parameters.required("sessionToken", sessionToken);
    return parameters.email("email", email);
  }

  /**
   * The present password, where it is given, or else a login of the last 15 minutes; of a user with a second factor a code
   * besides, which is compared last. Where something is missing nothing is compared.
   */
  void requireFresh(FakeSession session, String currentPassword, String code) {
    FakeUser user = session.user;
    boolean isFresh = Duration.between(session.createdAt, store.now()).compareTo(FRESH) <= 0;
    if (user.factor != null && code.isEmpty() || currentPassword.isEmpty() && !isFresh) {
      throw Refusals.because(Reason.REAUTHENTICATION_REQUIRED);
    }
    if (!currentPassword.isEmpty()) {
      user.requirePassword(currentPassword);
    }
    if (user.factor != null) {
      codes.requireTotpOrRecovery(user, code);
    }
  }
}
