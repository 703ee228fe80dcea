package dev.authflow.client.testing;

import dev.authflow.client.Reason;
import java.util.function.BooleanSupplier;

/** Compares codes, and counts the wrong ones: per user, over every call that takes one. For one thread at a time. */
final class FakeCodes {
  // A server's.
  private static final int MOST_WRONG = 50;
  private static final int MOST_WRONG_RECOVERY = 20;
  private static final int DIGITS = 6;

  private final FakeStore store;

  FakeCodes(FakeStore store) {
    this.store = store;
  }

  /** A code of the app whose factor this is: the user's, or one that is yet to be confirmed. */
  void requireTotp(FakeUser user, FakeFactor factor, String code) {
    require(user, () -> factor.takesTotp(code, store.now()));
    user.isMailNoFactor = false;
  }

  /** A code of the user's app, or a recovery code in its one spelling. */
  void requireTotpOrRecovery(FakeUser user, String code) {
    if (code.length() == DIGITS) {
      requireTotp(user, user.factor, code);
    } else {
      requireRecovery(user, code);
    }
  }

  /** It opens what wrong codes have locked, and has tries of its own. */
  void requireRecovery(FakeUser user, String code) {
    if (user.wrongRecoveryCodes >= MOST_WRONG_RECOVERY) {
      throw Refusals.because(Reason.ACCOUNT_LOCKED);
    }
    user.wrongRecoveryCodes += 1;
    if (!user.factor.takesRecovery(code)) {
      throw Refusals.because(Reason.CODE_INVALID);
    }
    user.forgetWrongCodes();
    user.isMailNoFactor = false;
  }

  /** The code of a mail. Those of a login by mail count for their challenge alone. */
  void requireMailed(FakeChallenges challenges, FakeChallenges.Entry challenge, String code) {
    if (challenge.kind == FakeChallenges.Kind.SECOND_FACTOR) {
      require(challenge.user, () -> challenges.isMailed(challenge, code));
    } else if (!challenges.isMailed(challenge, code)) {
      throw Refusals.because(Reason.CODE_INVALID);
    }
  }

  private static void require(FakeUser user, BooleanSupplier isRight) {
    if (user.wrongCodes >= MOST_WRONG) {
      throw Refusals.because(Reason.ACCOUNT_LOCKED);
    }
    user.wrongCodes += 1;
    if (!isRight.getAsBoolean()) {
      throw Refusals.because(Reason.CODE_INVALID);
    }
    user.wrongCodes = 0;
  }
}
