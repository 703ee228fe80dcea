package dev.authflow.client;

/**
 * Signs up, logs in and validates the users of one organization: what {@link AuthFlowClient} does with a server, and
 * {@code AuthFlowFake} without one. {@link AuthFlowAsync} is the same without blocking.
 *
 * <p>Any number of threads may call it at the same time. Every call throws {@link AuthFlowException} where it does not
 * succeed. Where a session's e-mail is not given, it is read from the token, unverified: the server proves it. A token that
 * names none is {@link Reason#SESSION_INVALID}, without a call. A parameter that is null or empty is not given: what is
 * missing is told as {@link Reason#INVALID_ARGUMENT}, with all other faults.
 */
public interface AuthFlow extends Accounts, SecondFactors {
  /**
   * Gives a nonce for one e-mail. {@link #signUp} and {@link #login(String, String) login} fetch their own: this is for a nonce that is spent
   * elsewhere.
   */
  Nonce fooBar(String identity);

  /**
   * Makes a user. After a lost reply it is not repeated: {@link #login(String, String) login} tells whether the user was made.
   *
   * @param disclaimed whether the user has accepted your terms; without that the server refuses
   */
  User signUp(String email, String password, String fullName, boolean disclaimed);

  /**
   * Checks a password and opens a session. Where the login needs more than that, it throws with a
   * {@link AuthFlowException#challenge}, which {@link #loginStep(String, String) loginStep} returns.
   *
   * <p>Behind an {@link AuthFlowFilter} or an {@link AuthFlowServerInterceptor}, on the request's thread or in its
   * {@code io.grpc.Context}, the server is told the session that the request came with, as by
   * {@link #login(String, String, String)}.
   */
  Session login(String email, String password);

  /**
   * Checks a password and opens a session, where the last session of the person's device is known: the tries of a device
   * that logged in before are counted apart from everybody else's.
   *
   * @param sessionToken the last one, expired or ended too; empty for none. One that proves nothing, or that a request
   *     cannot carry, is as none
   */
  Session login(String email, String password, String sessionToken);

  /**
   * Checks a password as {@link #login(String, String) login} does, and gives the session, or the challenge that something
   * must answer first. All else is thrown.
   */
  LoginStep loginStep(String email, String password);

  /**
   * Checks a password as {@link #login(String, String, String) login} does, and gives the session, or the challenge that
   * something must answer first. All else is thrown.
   */
  LoginStep loginStep(String email, String password, String sessionToken);

  /** Tells whose live session a token is. */
  SessionUser validate(String sessionToken);

  /** Tells whose live session a token is, where the e-mail is known. */
  SessionUser validate(String sessionToken, String email);

  /**
   * Sets a new password on the strength of the session alone, and ends the user's other sessions. After a lost reply it is
   * not repeated.
   *
   * @return how many other sessions were ended
   */
  default int changePassword(String sessionToken, String newPassword) {
    return changePassword(sessionToken, "", newPassword, "", "");
  }

  /**
   * Sets a new password where the present one is right, and ends the user's other sessions. After a lost reply it is not
   * repeated.
   *
   * @return how many other sessions were ended
   */
  default int changePassword(String sessionToken, String newPassword, String currentPassword) {
    return changePassword(sessionToken, "", newPassword, currentPassword, "");
  }

  /**
   * Sets a new password, where the e-mail is known.
   *
   * @param currentPassword the present password, which must be right; empty where it is not asked for
   * @return how many other sessions were ended
   */
  default int changePassword(String sessionToken, String email, String newPassword, String currentPassword) {
    return changePassword(sessionToken, email, newPassword, currentPassword, "");
  }

  /**
   * Sets a new password, also of a user with a second factor. After a lost reply it is not repeated.
   *
   * @param currentPassword the present password, which must be right; empty where it is not asked for. Of a user with a
   *     second factor it is, unless the session's login is at most 15 minutes old
   * @param code a code of the user's second factor; empty where there is none
   * @return how many other sessions were ended
   */
  int changePassword(String sessionToken, String email, String newPassword, String currentPassword, String code);

  /** Ends a session. Ending one that has ended is a success. */
  void logout(String sessionToken);

  /** Ends a session, where the e-mail is known. */
  void logout(String sessionToken, String email);

  /** The same, on the same connection, for calls that are made for this visitor. */
  AuthFlow withVisitor(Visitor visitor);
}
