package dev.authflow.client.testing;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowAsync;
import java.time.Clock;
import java.util.List;

/**
 * {@link AuthFlow} with users and sessions in memory and no server, for the tests of a backend. It takes and refuses what
 * the server does, with the server's reasons: faults of parameters, the password policy, wrong passwords and codes, spent
 * challenges, ended and expired sessions. What belongs to operation (limits, locks after wrong passwords, keys) it does not
 * have. It sends no mail, and keeps what it would send.
 *
 * <p>Its session tokens begin with {@code fake.}, and a server refuses them. Any number of threads may call it.
 */
public final class AuthFlowFake extends FakeCalls {
  /** Nobody has signed up. */
  public AuthFlowFake() {
    this(Clock.systemUTC());
  }

  /**
   * Nobody has signed up.
   *
   * @param clock tells when sessions expire, seven days after their login, and challenges and tokens of mails, which logins
   *     are fresh, and what an authenticator app shows
   */
  public AuthFlowFake(Clock clock) {
    super(clock);
  }

  /** What would have been sent, the oldest first: one for each call that asked, however often. */
  public synchronized List<Mail> mails() {
    return mails.all();
  }

  /**
   * What the authenticator app of a user shows: of the factor that is on, or of the one to be confirmed. Each code is good
   * once, so behind one that was used it gives the next, which is good ahead of its time, and the one behind that is not.
   *
   * @throws IllegalArgumentException where there is no such user, or no such factor
   */
  public synchronized String totpCode(String email) {
    FakeUser user = user(email);
    FakeFactor factor = user.factor == null ? user.unconfirmed : user.factor;
    if (factor == null) {
      throw new IllegalArgumentException(email + " has no second factor");
    }
    return factor.code(store.now());
  }

  /** Whether logins need a proven e-mail: {@code EMAIL_NOT_VERIFIED} else. At first they do not. */
  public synchronized void requireVerifiedEmail(boolean isRequired) {
    settings.requireVerifiedEmail = isRequired;
  }

  /** Whether a code by mail logs in: {@code ACCESS_DENIED} else. At first it does not. */
  public synchronized void loginByEmail(boolean isOn) {
    settings.loginByEmail = isOn;
  }

  /** What the organization makes of second factors. At first they are optional. */
  public synchronized void secondFactor(SecondFactorPolicy policy) {
    settings.secondFactor = policy;
  }

  /**
   * Gives a user these roles and no others, as a backend does by UserService. A role that is taken away ends the user's
   * sessions.
   *
   * @throws IllegalArgumentException where there is no such user
   */
  public synchronized void setRoles(String email, String... roles) {
    FakeUser user = user(email);
    List<String> given = List.of(roles);
    if (!given.containsAll(user.roles)) {
      store.end(user, session -> true);
    }
    user.roles = given;
  }

  /**
   * Gives a user a password, as a backend does by UserService, and ends the user's sessions.
   *
   * @param mustChange whether the user must set another before the next login: {@code PASSWORD_CHANGE_REQUIRED}
   * @throws IllegalArgumentException where there is no such user
   */
  public synchronized void setPassword(String email, String newPassword, boolean mustChange) {
    FakeUser user = user(email);
    PasswordPolicy.require(newPassword);
    user.setPassword(newPassword);
    user.mustChangePassword = mustChange;
    store.end(user, session -> true);
  }

  /**
   * Lets a user in no longer, as a backend does by UserService: {@code USER_DISABLED}. It ends the user's sessions.
   *
   * @throws IllegalArgumentException where there is no such user
   */
  public synchronized void disable(String email) {
    FakeUser user = user(email);
    user.disable();
    store.end(user, session -> true);
  }

  /**
   * Ends what {@link #disable} began. Sessions stay ended.
   *
   * @throws IllegalArgumentException where there is no such user
   */
  public synchronized void enable(String email) {
    user(email).isDisabled = false;
  }

  /**
   * Opens what wrong codes have locked, as a backend does by UserService.
   *
   * @throws IllegalArgumentException where there is no such user
   */
  public synchronized void unlock(String email) {
    user(email).forgetWrongCodes();
  }

  /** From now on every call fails as it does where there is no connection, until {@link #reachable}. */
  public synchronized void unreachable() {
    isReachable = false;
  }

  /** Ends what {@link #unreachable} began. Users and sessions are as they were. */
  public synchronized void reachable() {
    isReachable = true;
  }

  /** The same users and sessions without blocking: each future is completed when it is given. */
  public AuthFlowAsync async() {
    return new CompletedAuthFlow(this);
  }

  @Override
  public String toString() {
    return "AuthFlowFake";
  }

  private FakeUser user(String email) {
    FakeUser user = store.users.get(email);
    if (user == null) {
      throw new IllegalArgumentException("there is no user " + email);
    }
    return user;
  }
}
