package dev.authflow.client.testing;

import static dev.authflow.client.testing.FakeStore.timestamp;

import dev.authflow.client.Challenge;
import dev.authflow.client.LoginStep;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.client.TotpConfirmation;
import dev.authflow.client.TotpSetup;
import dev.authflow.v1.ConfirmTotpResponse;
import dev.authflow.v1.EnableTotpResponse;
import dev.authflow.v1.VerifyRecoveryCodeResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/** SecondFactorService in memory. For one thread at a time. */
final class FakeSecondFactors {
  private static final Duration CONFIRMABLE = Duration.ofMinutes(10);
  /** Of no code: an app reads the link, and a test the secret. */
  private static final String QR_CODE =
      "data:image/svg+xml;base64,"
          + Base64.getEncoder()
              .encodeToString("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".getBytes(StandardCharsets.UTF_8));

  private final FakeStore store;
  private final FakeSettings settings;
  private final FakeMails mails;
  private final FakeChallenges challenges;
  private final FakeCodes codes;
  private final FakeProofs proofs;
  private final FakeSteps steps;

  FakeSecondFactors(
      FakeStore store,
      FakeSettings settings,
      FakeMails mails,
      FakeChallenges challenges,
      FakeCodes codes,
      FakeProofs proofs,
      FakeSteps steps) {
    this.store = store;
    this.settings = settings;
    this.mails = mails;
    this.challenges = challenges;
    this.codes = codes;
    this.proofs = proofs;
    this.steps = steps;
  }

  TotpSetup enableTotp(String sessionToken, String email, String currentPassword) {
    Parameters parameters = new Parameters();
    String current = parameters.optionalPassword("currentPassword", currentPassword);
    FakeSession session = proofs.live(parameters, sessionToken, email).session;
    requireNoFactor(session.user);
    proofs.requireFresh(session, current, "");
    return newSecret(session.user);
  }

  TotpSetup enableTotpByChallenge(String token) {
    FakeUser user = opened(new Parameters(), token, Challenge.SETUP).user;
    requireNoFactor(user);
    return newSecret(user);
  }

  TotpConfirmation confirmTotp(String sessionToken, String email, String code) {
    Parameters parameters = new Parameters();
    String digits = parameters.digits("code", code);
    FakeSession session = proofs.live(parameters, sessionToken, email).session;
    return TotpConfirmation.from(confirmed(session.user, digits, session).build());
  }

  TotpConfirmation confirmTotpByChallenge(String token, String code) {
    Parameters parameters = new Parameters();
    String digits = parameters.digits("code", code);
    FakeChallenges.Entry challenge = opened(parameters, token, Challenge.SETUP);
    FakeUser user = challenge.user;
    challenge.countTry();
    ConfirmTotpResponse.Builder reply = confirmed(user, digits, null);
    if (!user.mustChangePassword) {
      Session session = steps.afterSetup(user);
      reply
          .setToken(session.token())
          .setExpiresAt(timestamp(session.expiresAt()))
          .setUserId(session.userId())
          .setEmail(session.email())
          .setFullname(session.fullName())
          .setOrgId(session.orgId());
    }
    return TotpConfirmation.from(reply.build());
  }

  void disableTotp(String sessionToken, String email, String currentPassword, String code) {
    FakeSession session = proved(sessionToken, email, currentPassword, code);
    session.user.setFactor(null);
    store.end(session.user, other -> other != session);
  }

  List<String> regenerateRecoveryCodes(String sessionToken, String email, String currentPassword, String code) {
    return proved(sessionToken, email, currentPassword, code).user.newRecoveryCodes();
  }

  LoginStep verifyTotp(String token, String code) {
    Parameters parameters = new Parameters();
    String digits = parameters.digits("code", code);
    FakeChallenges.Entry challenge = opened(parameters, token, Challenge.TOTP);
    challenge.countTry();
    codes.requireTotp(challenge.user, challenge.user.factor, digits);
    return FakeSteps.step(() -> steps.afterChallenge(challenge, false));
  }

  Instant sendEmailCode(String token) {
    FakeChallenges.Entry challenge = opened(new Parameters(), token, Challenge.EMAIL);
    if (challenge.kind == FakeChallenges.Kind.LOGIN_CODE) {
      throw Refusals.because(Reason.CHALLENGE_INVALID);
    }
    FakeUser user = challenge.user;
    user.mailed(mails.sendCode(Mail.Kind.SECOND_FACTOR_CODE, user.email), challenge);
    return challenge.expiresAt;
  }

  LoginStep verifyEmailCode(String token, String code) {
    Parameters parameters = new Parameters();
    String digits = parameters.digits("code", code);
    FakeChallenges.Entry challenge = opened(parameters, token, Challenge.EMAIL);
    challenge.countTry();
    codes.requireMailed(challenges, challenge, digits);
    if (challenge.kind == FakeChallenges.Kind.LOGIN_CODE) {
      challenge.user.emailVerified = true;
    }
    return FakeSteps.step(() -> steps.afterChallenge(challenge, true));
  }

  LoginStep verifyRecoveryCode(String token, String recoveryCode) {
    Parameters parameters = new Parameters();
    String spelt = parameters.recoveryCode("recovery_code", recoveryCode);
    FakeChallenges.Entry challenge = opened(parameters, token, Challenge.RECOVERY);
    FakeUser user = challenge.user;
    challenge.countTry();
    codes.requireRecovery(user, spelt);
    LoginStep step = FakeSteps.step(() -> steps.afterChallenge(challenge, false));
    return step.match(
        session ->
            LoginStep.from(
                VerifyRecoveryCodeResponse.newBuilder()
                    .setToken(session.token())
                    .setExpiresAt(timestamp(session.expiresAt()))
                    .setUserId(session.userId())
                    .setEmail(session.email())
                    .setFullname(session.fullName())
                    .setOrgId(session.orgId())
                    .setRecoveryCodesLeft(user.factor.recoveryCodesLeft())
                    .build()),
        next -> step);
  }

  private FakeChallenges.Entry opened(Parameters parameters, String token, String method) {
    parameters.required("challenge", token);
    parameters.refuseFaults();
    return challenges.open(token, method);
  }

  private FakeSession proved(String sessionToken, String email, String currentPassword, String code) {
    Parameters parameters = new Parameters();
    String current = parameters.optionalPassword("currentPassword", currentPassword);
    String given = parameters.optionalCode("code", code);
    parameters.required("code", code);
    FakeSession session = proofs.live(parameters, sessionToken, email).session;
    if (session.user.factor == null) {
      throw Refusals.because(Reason.SECOND_FACTOR_NOT_ENABLED);
    }
    proofs.requireFresh(session, current, given);
    return session;
  }

  private void requireNoFactor(FakeUser user) {
    if (user.factor != null) {
      throw Refusals.because(Reason.SECOND_FACTOR_ALREADY_ENABLED);
    }
    if (settings.secondFactor == SecondFactorPolicy.OFF) {
      throw Refusals.because(Reason.SECOND_FACTOR_NOT_ENABLED);
    }
  }

  private TotpSetup newSecret(FakeUser user) {
    user.unconfirmed = new FakeFactor(store.now().plus(CONFIRMABLE));
    String secret = user.unconfirmed.secret();
    String link =
        "otpauth://totp/AuthFlowFake:" + URLEncoder.encode(user.email, StandardCharsets.UTF_8) + "?secret=" + secret
            + "&issuer=AuthFlowFake&algorithm=SHA1&digits=6&period=30";
    return TotpSetup.from(
        EnableTotpResponse.newBuilder()
            .setSecret(secret)
            .setOtpauthUrl(link)
            .setQrCode(QR_CODE)
            .setExpiresAt(timestamp(user.unconfirmed.confirmableUntil()))
            .build());
  }

  /** From now on logins need the factor that was to be confirmed. */
  private ConfirmTotpResponse.Builder confirmed(FakeUser user, String code, FakeSession asking) {
    requireNoFactor(user);
    FakeFactor factor = user.unconfirmed;
    if (factor == null || !store.now().isBefore(factor.confirmableUntil())) {
      throw Refusals.because(Reason.SECOND_FACTOR_NOT_ENABLED);
    }
    codes.requireTotp(user, factor, code);
    user.setFactor(factor);
    store.end(user, other -> other != asking);
    return ConfirmTotpResponse.newBuilder().addAllRecoveryCodes(factor.newRecoveryCodes());
  }
}
