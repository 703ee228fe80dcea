package dev.authflow.client.testing;

import static dev.authflow.client.testing.FakeStore.timestamp;

import dev.authflow.client.Account;
import dev.authflow.client.MySession;
import dev.authflow.client.PasswordReset;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.client.VerifiedEmail;
import dev.authflow.v1.MeResponse;
import dev.authflow.v1.RenewSessionResponse;
import dev.authflow.v1.ResetPasswordResponse;
import dev.authflow.v1.VerifyEmailResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** AccountService in memory. For one thread at a time. */
final class FakeAccounts {
  // A server's.
  private static final Duration LONGEST_SESSION = Duration.ofDays(30);
  private static final Duration FRESH = Duration.ofMinutes(15);

  private final FakeStore store;
  private final FakeMails mails;

  FakeAccounts(FakeStore store, FakeMails mails) {
    this.store = store;
    this.mails = mails;
  }

  Account me(String sessionToken, String email) {
    return account(live(new Parameters(), sessionToken, email));
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

  PasswordReset resetPassword(String token, String newPassword) {
    Parameters parameters = new Parameters();
    parameters.required("token", token);
    String secret = parameters.password("newPassword", newPassword);
    parameters.refuseFaults();
    PasswordPolicy.require(secret);
    FakeUser user = mails.open(token, Mail.Kind.RESET).user;
    user.setPassword(secret);
    user.emailVerified = true;
    return PasswordReset.from(
        ResetPasswordResponse.newBuilder()
            .setEmail(user.email)
            .setOrgId(store.orgId)
            .setEndedSessions(store.end(user, session -> true))
            .build());
  }

  Session renewSession(String sessionToken, String email) {
    FakeSession session = live(new Parameters(), sessionToken, email).session;
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
    FakeSession asking = live(new Parameters(), sessionToken, email).session;
    List<MySession> sessions =
        store.liveSessions(asking.user).stream()
            .map(session -> MySession.from(told(session, asking)))
            .collect(Collectors.toList());
    Collections.reverse(sessions);
    return List.copyOf(sessions);
  }

  int endMySessions(String sessionToken, String email, String sessionId) {
    FakeSession asking = live(new Parameters(), sessionToken, email).session;
    boolean isOne = sessionId != null && !sessionId.isEmpty();
    return store.end(asking.user, session -> isOne ? session.id.equals(sessionId) : session != asking);
  }

  Account updateProfile(String sessionToken, String email, String fullName) {
    Parameters parameters = new Parameters();
    String name = parameters.name("fullname", fullName);
    FakeSession.Token token = live(parameters, sessionToken, email);
    token.session.user.fullName = name;
    return account(token);
  }

  void changeEmail(String sessionToken, String email, String newEmail, String currentPassword) {
    Parameters parameters = new Parameters();
    String address = parameters.email("newEmail", newEmail);
    FakeSession session = freshlyProved(parameters, sessionToken, email, currentPassword);
    mails.send(Mail.Kind.CHANGE_EMAIL, session.user, address);
  }

  int deleteAccount(String sessionToken, String email, String currentPassword) {
    FakeSession session = freshlyProved(new Parameters(), sessionToken, email, currentPassword);
    store.users.remove(session.user.email);
    return store.end(session.user, each -> true);
  }

  private Optional<FakeUser> userAt(String email) {
    Parameters parameters = new Parameters();
    String address = parameters.email("email", email);
    parameters.refuseFaults();
    return Optional.ofNullable(store.users.get(address));
  }

  private FakeSession.Token live(Parameters parameters, String sessionToken, String given) {
    boolean isGiven = given != null && !given.isEmpty();
    String email = isGiven ? given : store.claimedEmail(sessionToken);
    parameters.required("sessionToken", sessionToken);
    String address = parameters.email("email", email);
    parameters.refuseFaults();
    return store.live(sessionToken, address);
  }

  private FakeSession freshlyProved(
      Parameters parameters, String sessionToken, String email, String currentPassword) {
    String secret = parameters.optionalPassword("currentPassword", currentPassword);
    FakeSession session = live(parameters, sessionToken, email).session;
    if (!secret.isEmpty()) {
      session.user.requirePassword(secret);
    } else if (Duration.between(session.createdAt, store.now()).compareTo(FRESH) > 0) {
      throw Refusals.because(Reason.REAUTHENTICATION_REQUIRED);
    }
    return session;
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
