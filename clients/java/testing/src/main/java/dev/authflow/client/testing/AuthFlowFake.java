package dev.authflow.client.testing;

import com.google.protobuf.Timestamp;
import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowAsync;
import dev.authflow.client.Nonce;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.client.SessionUser;
import dev.authflow.client.User;
import dev.authflow.client.Visitor;
import dev.authflow.v1.FooBarResponse;
import dev.authflow.v1.LoginResponse;
import dev.authflow.v1.SignUpResponse;
import dev.authflow.v1.ValidateResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * {@link AuthFlow} with users and sessions in memory and no server, for the tests of a backend. It takes and refuses what
 * the server does, with the server's reasons: faults of parameters, the password policy, wrong passwords, ended and
 * expired sessions. What belongs to operation (limits, locks, keys) it does not have.
 *
 * <p>Its session tokens begin with {@code fake.}, and a server refuses them. Any number of threads may call it.
 */
public final class AuthFlowFake implements AuthFlow {
  private static final Duration NONCE_LIFE = Duration.ofMinutes(5);
  private static final Duration SESSION_LIFE = Duration.ofDays(7);

  private final Clock clock;
  private final String orgId = UUID.randomUUID().toString();
  private final Map<String, FakeUser> users = new HashMap<>();
  private final Map<String, FakeSession> sessions = new HashMap<>();
  private boolean reachable = true;

  /** Nobody has signed up. */
  public AuthFlowFake() {
    this(Clock.systemUTC());
  }

  /**
   * Nobody has signed up.
   *
   * @param clock tells when sessions expire: seven days after their login
   */
  public AuthFlowFake(Clock clock) {
    this.clock = clock;
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
        FooBarResponse.newBuilder().setToken("fake-" + UUID.randomUUID()).setExpiresAt(after(NONCE_LIFE)).build());
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
    if (users.containsKey(address)) {
      throw Refusals.because(Reason.USER_EXISTS);
    }
    FakeUser user = new FakeUser(address, name, secret);
    users.put(address, user);
    return User.from(
        SignUpResponse.newBuilder()
            .setUserId(user.id)
            .setEmail(user.email)
            .setFullname(user.fullName)
            .setOrgId(orgId)
            .build());
  }

  @Override
  public synchronized Session login(String email, String password) {
    begin();
    Parameters parameters = new Parameters();
    String address = parameters.email("email", email);
    String secret = parameters.password("password", password);
    parameters.refuseFaults();
    FakeUser user = Optional.ofNullable(users.get(address)).orElseThrow(() -> Refusals.because(Reason.USER_NOT_FOUND));
    user.requirePassword(secret);
    String token = FakeTokens.newToken(user.email);
    FakeSession session = new FakeSession(user, clock.instant().plus(SESSION_LIFE));
    sessions.put(token, session);
    return Session.from(
        LoginResponse.newBuilder()
            .setToken(token)
            .setExpiresAt(timestamp(session.expiresAt))
            .setUserId(user.id)
            .setEmail(user.email)
            .setFullname(user.fullName)
            .setOrgId(orgId)
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
    FakeSession session = live(sessionToken, address);
    return SessionUser.from(
        ValidateResponse.newBuilder()
            .setUserId(session.user.id)
            .setEmail(session.user.email)
            .setFullname(session.user.fullName)
            .setOrgId(orgId)
            .setSessionId(session.id)
            .setExpiresAt(timestamp(session.expiresAt))
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
    FakeSession session = live(sessionToken, address);
    if (!current.isEmpty()) {
      session.user.requirePassword(current);
    }
    session.user.password = secret;
    int ended = 0;
    for (FakeSession other : sessions.values()) {
      if (other.user == session.user && other != session && isLive(other)) {
        other.isEnded = true;
        ended += 1;
      }
    }
    return ended;
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
    session(sessionToken, address).isEnded = true;
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

  private FakeSession live(String token, String email) {
    FakeSession session = session(token, email);
    if (!clock.instant().isBefore(session.expiresAt)) {
      throw Refusals.because(Reason.SESSION_EXPIRED);
    }
    if (session.isEnded) {
      throw Refusals.because(Reason.SESSION_REVOKED);
    }
    return session;
  }

  private boolean isLive(FakeSession session) {
    return !session.isEnded && clock.instant().isBefore(session.expiresAt);
  }

  private FakeSession session(String token, String email) {
    return Optional.ofNullable(sessions.get(token))
        .filter(session -> session.user.email.equals(email))
        .orElseThrow(() -> Refusals.because(Reason.SESSION_INVALID));
  }

  /** As the client reads it from the claims: tokens that were never given out name nobody. */
  private synchronized String claimedEmail(String token) {
    return Optional.ofNullable(sessions.get(token))
        .map(session -> session.user.email)
        .orElseThrow(() -> Refusals.because(Reason.SESSION_INVALID));
  }

  private Timestamp after(Duration life) {
    return timestamp(clock.instant().plus(life));
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder().setSeconds(instant.getEpochSecond()).build();
  }

  private static final class FakeUser {
    private final String id = UUID.randomUUID().toString();
    private final String email;
    private final String fullName;
    private String password;

    private FakeUser(String email, String fullName, String password) {
      this.email = email;
      this.fullName = fullName;
      this.password = password;
    }

    private void requirePassword(String given) {
      if (!password.equals(given)) {
        throw Refusals.because(Reason.CREDENTIALS_INVALID);
      }
    }
  }

  private static final class FakeSession {
    private final String id = UUID.randomUUID().toString();
    private final FakeUser user;
    private final Instant expiresAt;
    private boolean isEnded;

    private FakeSession(FakeUser user, Instant expiresAt) {
      this.user = user;
      this.expiresAt = expiresAt;
    }
  }
}
