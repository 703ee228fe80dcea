package dev.authflow.client.testing;

import static dev.authflow.client.testing.FakeStore.timestamp;

import dev.authflow.client.AuthFlowException;
import dev.authflow.client.LoginStep;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.client.testing.FakeChallenges.Kind;
import dev.authflow.v1.LoginResponse;
import java.util.function.Supplier;

/** What follows each step of a login: the session, or an error that brings what is needed. For one thread at a time. */
final class FakeSteps {
  private final FakeStore store;
  private final FakeSettings settings;
  private final FakeChallenges challenges;

  FakeSteps(FakeStore store, FakeSettings settings, FakeChallenges challenges) {
    this.store = store;
    this.settings = settings;
    this.challenges = challenges;
  }

  Session afterPassword(FakeUser user) {
    if (user.isDisabled) {
      throw Refusals.because(Reason.USER_DISABLED);
    }
    if (settings.requireVerifiedEmail && !user.emailVerified) {
      throw Refusals.because(Reason.EMAIL_NOT_VERIFIED);
    }
    return next(user, false, false, false);
  }

  /** Spends a challenge whose code was right. */
  Session afterChallenge(FakeChallenges.Entry challenge, boolean isByEmail) {
    challenges.spend(challenge);
    FakeUser user = challenge.user;
    boolean hasProvenFactor = challenge.kind == Kind.SECOND_FACTOR && user.factor != null;
    return next(user, challenge.isByMail, challenge.isEmailProven || isByEmail, hasProvenFactor);
  }

  /** After a factor was set up. */
  Session afterSetup(FakeUser user) {
    return next(user, false, false, true);
  }

  /** A step as {@code loginStep} gives it. */
  static LoginStep step(Supplier<Session> step) {
    try {
      return LoginStep.of(step.get());
    } catch (AuthFlowException error) {
      return error.challenge().map(LoginStep::of).orElseThrow(() -> error);
    }
  }

  private Session next(FakeUser user, boolean isByMail, boolean isEmailProven, boolean hasProvenFactor) {
    boolean isDemanded = settings.secondFactor == SecondFactorPolicy.REQUIRED;
    if (!hasProvenFactor && (user.factor != null || isDemanded)) {
      throw challenges.issue(Kind.SECOND_FACTOR, user, isByMail, isEmailProven).error();
    }
    if (user.mustChangePassword) {
      throw challenges.issue(Kind.CHANGE_PASSWORD, user, isByMail, isEmailProven).error();
    }
    FakeSession session = store.open(user);
    return Session.from(
        LoginResponse.newBuilder()
            .setToken(store.tokenFor(session))
            .setExpiresAt(timestamp(session.expiresAt))
            .setUserId(user.id)
            .setEmail(user.email)
            .setFullname(user.fullName)
            .setOrgId(store.orgId)
            .build());
  }
}
