package dev.authflow.client.testing;

import static dev.authflow.client.testing.FakeStore.timestamp;

import dev.authflow.client.Account;
import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowAsync;
import dev.authflow.client.MySession;
import dev.authflow.client.Nonce;
import dev.authflow.client.PasswordReset;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.client.SessionUser;
import dev.authflow.client.User;
import dev.authflow.client.VerifiedEmail;
import dev.authflow.client.Visitor;
import dev.authflow.v1.FooBarResponse;
import dev.authflow.v1.LoginResponse;
import dev.authflow.v1.SignUpResponse;
import dev.authflow.v1.ValidateResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@link AuthFlow} with users and sessions in memory and no server, for the tests of a backend. It takes and refuses what
 * the server does, with the server's reasons: faults of parameters, the password policy, wrong passwords, ended and
 * expired sessions. What belongs to operation (limits, locks, keys) it does not have. It sends no mail, and keeps what it
 * would send.
 *
 * <p>Its session tokens begin with {@code fake.}, and a server refuses them. Any number of threads may call it.
 */
public final class AuthFlowFake implements AuthFlow {
  private static final Duration NONCE_LIFE = Duration.ofMinutes(5);

  private final FakeStore store;
  private final FakeMails mails;
  private final FakeAccounts accounts;
  private boolean reachable = true;

  /** Nobody has signed up. */
  public AuthFlowFake() {
    this(Clock.systemUTC());
  }

  /**
   * Nobody has signed up.
   *
   * @param clock tells when sessions expire, seven days after their login, and tokens of mails, and which logins are fresh
   */
  public AuthFlowFake(Clock clock) {
    store = new FakeStore(clock);
    mails = new FakeMails(store);
    accounts = new FakeAccounts(store, mails);
  }

  /** What would have been sent, the oldest first: one for each call that asked, however often. */
  public synchronized List<Mail> mails() {
    return mails.all();
  }

  /**
   * Gives a user these roles and no others, as a backend does by UserService. A role that is taken away ends the user's
   * sessions.
   *
   * @throws IllegalArgumentException where there is no such user
   */
  public synchronized void setRoles(String email, String... roles) {
    FakeUser user = store.users.get(email);
    if (user == null) {
      throw new IllegalArgumentException("there is no user " + email);
    }
    List<String> given = List.of(roles);
    if (!given.containsAll(user.roles)) {
      store.end(user, session -> true);
    }
    user.roles = given;
  }

  /** From now on every call fails as it does where there is no connection, until {@link #reachable}. */
  public synchronized void unreachable() {
    reachable = false;
  }

  /** Ends what {@link #unreachable} began. Users and sessions are as they were. */
  public synchronized void reachable() {
    reachable = true;
  }

  /** The same users and sessions without blocking: each future is completed when it is given. */
  public AuthFlowAsync async() {
    return new CompletedAuthFlow(this);
  }

  @Override
  public synchronized Nonce fooBar(String identity) {
    begin();
    Parameters parameters = new Parameters();
    parameters.email("identity", identity);
    parameters.refuseFaults();
    return Nonce.from(
        FooBarResponse.newBuilder().setToken("fake-" + UUID.randomUUID()).setExpiresAt(timestamp(store.now().plus(NONCE_LIFE))).build());
  }

  @Override
  public synchronized User signUp(String email, String password, String fullName, boolean disclaimed) {
    begin();
    Parameters parameters = new Parameters();
    String address = parameters.email("email", email);
    String secret = parameters.password("password", password);
    String name = parameters.name("fullname", fullName);
    parameters.refuseFaults();
    PasswordPolicy.require(secret);
    if (!disclaimed) {
      throw Refusals.because(Reason.DISCLAIMER_REQUIRED);
    }
    if (store.users.containsKey(address)) {
      throw Refusals.because(Reason.USER_EXISTS);
    }
    FakeUser user = new FakeUser(address, name, secret, store.now());
    store.users.put(address, user);
    return User.from(
        SignUpResponse.newBuilder()
            .setUserId(user.id)
            .setEmail(user.email)
            .setFullname(user.fullName)
            .setOrgId(store.orgId)
            .build());
  }

  @Override
  public synchronized Session login(String email, String password) {
    begin();
    Parameters parameters = new Parameters();
    String address = parameters.email("email", email);
    String secret = parameters.password("password", password);
    parameters.refuseFaults();
    FakeUser user =
        Optional.ofNullable(store.users.get(address)).orElseThrow(() -> Refusals.because(Reason.USER_NOT_FOUND));
    user.requirePassword(secret);
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

  /** Whatever session the device had before: the fake counts no tries. */
  @Override
  public Session login(String email, String password, String sessionToken) {
    return login(email, password);
  }

  @Override
  public SessionUser validate(String sessionToken) {
    return validate(sessionToken, claimedEmail(sessionToken));
  }

  @Override
  public synchronized SessionUser validate(String sessionToken, String email) {
    begin();
    Parameters parameters = new Parameters();
    parameters.required("sessionToken", sessionToken);
    String address = parameters.email("email", email);
    parameters.refuseFaults();
    FakeSession.Token token = store.live(sessionToken, address);
    FakeUser user = token.session.user;
    return SessionUser.from(
        ValidateResponse.newBuilder()
            .setUserId(user.id)
            .setEmail(user.email)
            .setFullname(user.fullName)
            .setOrgId(store.orgId)
            .setSessionId(token.session.id)
            .setExpiresAt(timestamp(token.expiresAt))
            .setEmailVerified(user.emailVerified)
            .addAllRoles(user.roles)
            .build());
  }

  @Override
  public int changePassword(String sessionToken, String newPassword) {
    return changePassword(sessionToken, newPassword, "");
  }

  @Override
  public int changePassword(String sessionToken, String newPassword, String currentPassword) {
    return changePassword(sessionToken, claimedEmail(sessionToken), newPassword, currentPassword);
  }

  @Override
  public synchronized int changePassword(
      String sessionToken, String email, String newPassword, String currentPassword) {
    begin();
    Parameters parameters = new Parameters();
    parameters.required("sessionToken", sessionToken);
    String address = parameters.email("email", email);
    String secret = parameters.password("newPassword", newPassword);
    String current = parameters.optionalPassword("currentPassword", currentPassword);
    parameters.refuseFaults();
    PasswordPolicy.require(secret);
    FakeSession session = store.live(sessionToken, address).session;
    if (!current.isEmpty()) {
      session.user.requirePassword(current);
    }
    session.user.setPassword(secret);
    return store.end(session.user, other -> other != session);
  }

  @Override
  public void logout(String sessionToken) {
    logout(sessionToken, claimedEmail(sessionToken));
  }

  @Override
  public synchronized void logout(String sessionToken, String email) {
    begin();
    Parameters parameters = new Parameters();
    parameters.required("sessionToken", sessionToken);
    String address = parameters.email("email", email);
    parameters.refuseFaults();
    store.known(sessionToken, address).session.isEnded = true;
  }

  @Override
  public synchronized Account me(String sessionToken, String email) {
    begin();
    return accounts.me(sessionToken, email);
  }

  @Override
  public synchronized void sendVerificationEmail(String email) {
    begin();
    accounts.sendVerificationEmail(email);
  }

  @Override
  public synchronized VerifiedEmail verifyEmail(String token) {
    begin();
    return accounts.verifyEmail(token);
  }

  @Override
  public synchronized void forgotPassword(String email) {
    begin();
    accounts.forgotPassword(email);
  }

  @Override
  public synchronized PasswordReset resetPassword(String token, String newPassword) {
    begin();
    return accounts.resetPassword(token, newPassword);
  }

  @Override
  public synchronized Session renewSession(String sessionToken, String email) {
    begin();
    return accounts.renewSession(sessionToken, email);
  }

  @Override
  public synchronized List<MySession> listMySessions(String sessionToken, String email) {
    begin();
    return accounts.listMySessions(sessionToken, email);
  }

  @Override
  public synchronized int endMySessions(String sessionToken, String email, String sessionId) {
    begin();
    return accounts.endMySessions(sessionToken, email, sessionId);
  }

  @Override
  public synchronized Account updateProfile(String sessionToken, String email, String fullName) {
    begin();
    return accounts.updateProfile(sessionToken, email, fullName);
  }

  /** Whatever the code: users of the fake have no second factor. */
  @Override
  public synchronized void changeEmail(
      String sessionToken, String email, String newEmail, String currentPassword, String code) {
    begin();
    accounts.changeEmail(sessionToken, email, newEmail, currentPassword);
  }

  /** Whatever the code: users of the fake have no second factor. */
  @Override
  public synchronized int deleteAccount(String sessionToken, String email, String currentPassword, String code) {
    begin();
    return accounts.deleteAccount(sessionToken, email, currentPassword);
  }

  /** The fake itself: it notes nothing of visitors. */
  @Override
  public AuthFlow withVisitor(Visitor visitor) {
    return this;
  }

  @Override
  public String toString() {
    return "AuthFlowFake";
  }

  private void begin() {
    if (!reachable) {
      throw Refusals.unreachable();
    }
  }

  private synchronized String claimedEmail(String token) {
    return store.claimedEmail(token);
  }
}
