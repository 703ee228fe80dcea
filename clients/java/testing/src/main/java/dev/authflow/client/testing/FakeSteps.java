package dev.authflow.client.testing;

import static dev.authflow.client.testing.FakeStore.timestamp;

import dev.authflow.client.AuthFlowException;
import dev.authflow.client.Challenge;
import dev.authflow.client.LoginStep;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.v1.LoginResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
    return afterFirst(user, user.emailVerified);
  }

  /** The address is proven, and has been the first step: it is no second one. */
  Session afterMail(FakeUser user) {
    return afterFirst(user, false);
  }

  Session afterFactor(FakeUser user) {
    if (user.mustChangePassword) {
      FakeChallenges.Entry challenge = challenges.issue(user, Set.of(Challenge.CHANGE_PASSWORD));
      throw Refusals.withChallenge(Reason.PASSWORD_CHANGE_REQUIRED, challenge, List.of(Challenge.CHANGE_PASSWORD));
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

  /** The error of a user who has no second factor and must, once the address is proven or cannot be. */
  AuthFlowException setup(FakeUser user) {
    FakeChallenges.Entry challenge = challenges.issue(user, Set.of(Challenge.SETUP));
    return Refusals.withChallenge(Reason.SECOND_FACTOR_REQUIRED, challenge, List.of(Challenge.SETUP));
  }

  /** A step as {@code loginStep} gives it. */
  static LoginStep step(Supplier<Session> step) {
    try {
      return LoginStep.of(step.get());
    } catch (AuthFlowException error) {
      return error.challenge().map(LoginStep::of).orElseThrow(() -> error);
    }
  }

  private Session afterFirst(FakeUser user, boolean takesMail) {
    if (user.isDisabled) {
      throw Refusals.because(Reason.USER_DISABLED);
    }
    if (settings.requireVerifiedEmail && !user.emailVerified) {
      throw Refusals.because(Reason.EMAIL_NOT_VERIFIED);
    }
    if (user.factor != null) {
      throw factor(user, takesMail && !user.isMailNoFactor);
    }
    if (settings.secondFactor != SecondFactorPolicy.REQUIRED) {
      return afterFactor(user);
    }
    if (!takesMail) {
      throw setup(user);
    }
    FakeChallenges.Entry challenge = challenges.issue(user, Set.of(Challenge.EMAIL));
    throw Refusals.withChallenge(
        Reason.SECOND_FACTOR_REQUIRED, challenge, List.of(Challenge.EMAIL, Challenge.SETUP));
  }

  private AuthFlowException factor(FakeUser user, boolean takesMail) {
    List<String> methods = new ArrayList<>(List.of(Challenge.TOTP, Challenge.RECOVERY));
    if (takesMail) {
      methods.add(1, Challenge.EMAIL);
    }
    return Refusals.withChallenge(
        Reason.SECOND_FACTOR_REQUIRED, challenges.issue(user, Set.copyOf(methods)), methods);
  }
}
