package dev.authflow.client.testing;

import static dev.authflow.client.testing.FakeStore.timestamp;

import dev.authflow.client.Account;
import dev.authflow.client.Challenge;
import dev.authflow.client.LoginCode;
import dev.authflow.client.MySession;
import dev.authflow.client.PasswordReset;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.client.VerifiedEmail;
import dev.authflow.v1.MeResponse;
import dev.authflow.v1.RenewSessionResponse;
import dev.authflow.v1.ResetPasswordResponse;
import dev.authflow.v1.SendLoginCodeResponse;
import dev.authflow.v1.VerifyEmailResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** AccountService in memory. For one thread at a time. */
final class FakeAccounts {
  /** A server's. */
  private static final Duration LONGEST_SESSION = Duration.ofDays(30);

  private final FakeStore store;
  private final FakeSettings settings;
  private final FakeMails mails;
  private final FakeChallenges challenges;
  private final FakeProofs proofs;

  FakeAccounts(
      FakeStore store, FakeSettings settings, FakeMails mails, FakeChallenges challenges, FakeProofs proofs) {
    this.store = store;
    this.settings = settings;
    this.mails = mails;
    this.challenges = challenges;
    this.proofs = proofs;
  }

  Account me(String sessionToken, String email) {
    return account(proofs.live(new Parameters(), sessionToken, email));
  }

  void sendVerificationEmail(String email) {
    userAt(email)
        .filter(user -> !user.emailVerified)
        .ifPresent(user -> mails.send(Mail.Kind.VERIFY, user, user.email));
  }

  VerifiedEmail verifyEmail(String token) {
    Parameters parameters = new Parameters();
    parameters.required("token", token);
    parameters.refuseFaults();
    FakeMails.Token mailed = mails.open(token, Mail.Kind.VERIFY, Mail.Kind.CHANGE_EMAIL);
    FakeUser user = mailed.user;
    if (mailed.kind == Mail.Kind.CHANGE_EMAIL) {
      if (store.users.containsKey(mailed.newEmail)) {
        throw Refusals.because(Reason.USER_EXISTS);
      }
      store.users.remove(user.email);
      store.users.put(mailed.newEmail, user);
      user.moveTo(mailed.newEmail);
      store.end(user, session -> true);
    }
    user.emailVerified = true;
    return VerifiedEmail.from(
        VerifyEmailResponse.newBuilder()
            .setEmail(user.email)
            .setUserId(user.id)
            .setOrgId(store.orgId)
            .build());
  }

  void forgotPassword(String email) {
    userAt(email).ifPresent(user -> mails.send(Mail.Kind.RESET, user, user.email));
  }

  PasswordReset resetPassword(String token, String newPassword, String currentPassword) {
    Parameters parameters = new Parameters();
    parameters.required("token", token);
    String secret = parameters.password("newPassword", newPassword);
    String current = parameters.optionalPassword("currentPassword", currentPassword);
    parameters.refuseFaults();
    PasswordPolicy.require(secret);
    FakeUser user = FakeChallenges.isChallenge(token) ? ofLogin(token, secret, current) : ofMail(token);
    user.setPassword(secret);
    return PasswordReset.from(
        ResetPasswordResponse.newBuilder()
            .setEmail(user.email)
            .setOrgId(store.orgId)
            .setEndedSessions(store.end(user, session -> true))
            .build());
  }

  private FakeUser ofLogin(String token, String newPassword, String currentPassword) {
    Parameters parameters = new Parameters();
    parameters.required("currentPassword", currentPassword);
    parameters.refuseFaults();
    if (newPassword.equals(currentPassword)) {
      throw Refusals.because(Reason.PASSWORD_POLICY, "The new password must be another one than the present.");
    }
    FakeChallenges.Entry challenge = challenges.open(token, Challenge.CHANGE_PASSWORD);
    challenge.countTry();
    challenge.user.requirePassword(currentPassword);
    return challenge.user;
  }

  /** What was set up before the address was proven may be somebody else's. */
  private FakeUser ofMail(String token) {
    FakeUser user = mails.open(token, Mail.Kind.RESET).user;
    if (user.emailVerified) {
      user.isMailNoFactor = user.factor != null;
    } else {
      user.emailVerified = true;
      user.setFactor(null);
    }
    return user;
  }

  Session renewSession(String sessionToken, String email) {
    FakeSession session = proofs.live(new Parameters(), sessionToken, email).session;
    Instant latest = session.createdAt.plus(LONGEST_SESSION);
    Instant renewed = Collections.min(List.of(store.now().plus(FakeStore.SESSION_LIFE), latest));
    if (Duration.between(session.expiresAt, renewed).compareTo(FakeStore.SESSION_LIFE.dividedBy(8)) >= 0) {
      session.expiresAt = renewed;
    }
    return Session.from(
        RenewSessionResponse.newBuilder()
            .setToken(store.tokenFor(session))
            .setExpiresAt(timestamp(session.expiresAt))
            .setUserId(session.user.id)
            .setEmail(session.user.email)
            .setFullname(session.user.fullName)
            .setOrgId(store.orgId)
            .build());
  }

  List<MySession> listMySessions(String sessionToken, String email) {
    FakeSession asking = proofs.live(new Parameters(), sessionToken, email).session;
    List<MySession> sessions =
        store.liveSessions(asking.user).stream()
            .map(session -> MySession.from(told(session, asking)))
            .collect(Collectors.toList());
    Collections.reverse(sessions);
    return List.copyOf(sessions);
  }

  int endMySessions(String sessionToken, String email, String sessionId) {
    FakeSession asking = proofs.live(new Parameters(), sessionToken, email).session;
    boolean isOne = sessionId != null && !sessionId.isEmpty();
    return store.end(asking.user, session -> isOne ? session.id.equals(sessionId) : session != asking);
  }

  Account updateProfile(String sessionToken, String email, String fullName) {
    Parameters parameters = new Parameters();
    String name = parameters.name("fullname", fullName);
    FakeSession.Token token = proofs.live(parameters, sessionToken, email);
    token.session.user.fullName = name;
    return account(token);
  }

  void changeEmail(String sessionToken, String email, String newEmail, String currentPassword, String code) {
    Parameters parameters = new Parameters();
    String address = parameters.email("newEmail", newEmail);
    FakeSession session = proved(parameters, sessionToken, email, currentPassword, code);
    mails.send(Mail.Kind.CHANGE_EMAIL, session.user, address);
  }

  int deleteAccount(String sessionToken, String email, String currentPassword, String code) {
    FakeSession session = proved(new Parameters(), sessionToken, email, currentPassword, code);
    store.users.remove(session.user.email);
    return store.end(session.user, each -> true);
  }

  LoginCode sendLoginCode(String email) {
    Parameters parameters = new Parameters();
    String address = parameters.email("email", email);
    parameters.refuseFaults();
    if (!settings.loginByEmail) {
      throw Refusals.because(Reason.ACCESS_DENIED);
    }
    FakeUser user = store.users.get(address);
    FakeChallenges.Entry challenge = challenges.issueForCode(user);
    if (user != null && !user.isDisabled) {
      user.mailed(mails.sendCode(Mail.Kind.LOGIN_CODE, address), challenge);
    }
    return LoginCode.from(
        SendLoginCodeResponse.newBuilder()
            .setChallenge(challenge.token)
            .setExpiresAt(timestamp(challenge.expiresAt))
            .build());
  }

  private FakeSession proved(
      Parameters parameters, String sessionToken, String email, String currentPassword, String code) {
    String current = parameters.optionalPassword("currentPassword", currentPassword);
    String given = parameters.optionalCode("code", code);
    FakeSession session = proofs.live(parameters, sessionToken, email).session;
    proofs.requireFresh(session, current, given);
    return session;
  }

  private Optional<FakeUser> userAt(String email) {
    Parameters parameters = new Parameters();
    String address = parameters.email("email", email);
    parameters.refuseFaults();
    return Optional.ofNullable(store.users.get(address));
  }

  private Account account(FakeSession.Token token) {
    FakeUser user = token.session.user;
    return Account.from(
        MeResponse.newBuilder()
            .setUserId(user.id)
            .setEmail(user.email)
            .setFullname(user.fullName)
            .setOrgId(store.orgId)
            .setSessionId(token.session.id)
            .setExpiresAt(timestamp(token.expiresAt))
            .setEmailVerified(user.emailVerified)
            .addAllRoles(user.roles)
            .setSecondFactor(user.factor != null)
            .setRecoveryCodesLeft(user.factor == null ? 0 : user.factor.recoveryCodesLeft())
            .setCreatedAt(timestamp(user.createdAt))
            .build());
  }

  private static dev.authflow.v1.MySession told(FakeSession session, FakeSession asking) {
    return dev.authflow.v1.MySession.newBuilder()
        .setSessionId(session.id)
        .setCreatedAt(timestamp(session.createdAt))
        .setLastUsedAt(timestamp(session.createdAt))
        .setExpiresAt(timestamp(session.expiresAt))
        .setCurrent(session == asking)
        .build();
  }
}
