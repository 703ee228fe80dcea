package dev.authflow.client;

import java.util.List;

/**
 * What users do with their own accounts, through your backend.
 *
 * <p>An e-mail that is null or empty is read from the session token, unverified: the server proves it. A token that names
 * none is {@link Reason#SESSION_INVALID}, without a call.
 */
public interface Accounts {
  /**
   * Tells all about the user of a live session. An e-mail that is given must be the session's; none is sent where it is not.
   */
  default Account me(String sessionToken) {
    return me(sessionToken, "");
  }

  /**
   * Tells all about the user of a live session. An e-mail that is given must be the session's; none is sent where it is not.
   */
  Account me(String sessionToken, String email);

  /** Mails a link that proves an address. It never tells whether somebody has it. */
  void sendVerificationEmail(String email);

  /**
   * Takes the token of a mail: it proves the address, or moves the user to the one that {@link #changeEmail} was told, which
   * ends all sessions. After a lost reply it is repeated: a change of address that was done by then is
   * {@link Reason#TOKEN_INVALID}.
   */
  VerifiedEmail verifyEmail(String token);

  /** Mails a link that sets a new password. It never tells whether there is such a user. */
  void forgotPassword(String email);

  /**
   * Sets a new password by the token of a mail, and ends all sessions of the user. After a lost reply it is not repeated: a
   * login tells whether it was done.
   */
  default PasswordReset resetPassword(String token, String newPassword) {
    return resetPassword(token, newPassword, "");
  }

  /**
   * Sets a new password by the token of a mail, or by the challenge of {@link Reason#PASSWORD_CHANGE_REQUIRED}, and ends all
   * sessions of the user: log in with it then. After a lost reply it is not repeated: a login tells whether it was done.
   *
   * @param token what the mail's link holds, or {@link Challenge#token}
   * @param currentPassword the present password, which a challenge needs; empty with the token of a mail
   */
  PasswordReset resetPassword(String token, String newPassword, String currentPassword);

  /**
   * Makes a live session last as long as a new one, and gives a new token of it. Older ones stay good until their own end.
   */
  default Session renewSession(String sessionToken) {
    return renewSession(sessionToken, "");
  }

  /**
   * Makes a live session last as long as a new one, and gives a new token of it. Older ones stay good until their own end.
   */
  Session renewSession(String sessionToken, String email);

  /** Lists the live sessions of the session's user, newest first. */
  default List<MySession> listMySessions(String sessionToken) {
    return listMySessions(sessionToken, "");
  }

  /** Lists the live sessions of the session's user, newest first. */
  List<MySession> listMySessions(String sessionToken, String email);

  /**
   * Ends all sessions of the session's user but the one that asks.
   *
   * @return how many sessions were ended
   */
  default int endMySessions(String sessionToken) {
    return endMySessions(sessionToken, "", "");
  }

  /**
   * Ends one session of the session's user. Ending one that has ended is a success.
   *
   * @param sessionId the session to end; empty for all but the one that asks
   * @return how many sessions were ended
   */
  default int endMySessions(String sessionToken, String sessionId) {
    return endMySessions(sessionToken, "", sessionId);
  }

  /**
   * Ends one session of the session's user. Ending one that has ended is a success.
   *
   * @param sessionId the session to end; empty for all but the one that asks
   * @return how many sessions were ended
   */
  int endMySessions(String sessionToken, String email, String sessionId);

  /** Changes the name of the session's user. */
  default Account updateProfile(String sessionToken, String fullName) {
    return updateProfile(sessionToken, "", fullName);
  }

  /** Changes the name of the session's user. */
  Account updateProfile(String sessionToken, String email, String fullName);

  /** Mails a link to a new address that moves the user there, and a warning to the present one. */
  default void changeEmail(String sessionToken, String newEmail) {
    changeEmail(sessionToken, "", newEmail, "", "");
  }

  /**
   * Mails a link to a new address that moves the user there, and a warning to the present one.
   *
   * @param currentPassword the present password, which must be right; empty where the session's login is at most 15 minutes
   *     old
   */
  default void changeEmail(String sessionToken, String newEmail, String currentPassword) {
    changeEmail(sessionToken, "", newEmail, currentPassword, "");
  }

  /**
   * Mails a link to a new address that moves the user there, and a warning to the present one.
   *
   * @param currentPassword the present password, which must be right; empty where the session's login is at most 15 minutes
   *     old
   * @param code a code of the user's second factor, with which the call is not repeated after a lost reply; empty where there
   *     is none
   */
  void changeEmail(String sessionToken, String email, String newEmail, String currentPassword, String code);

  /**
   * Removes the session's user. After a lost reply it is not repeated: a login tells whether it was done.
   *
   * @return how many live sessions were ended
   */
  default int deleteAccount(String sessionToken) {
    return deleteAccount(sessionToken, "", "", "");
  }

  /**
   * Removes the session's user. After a lost reply it is not repeated: a login tells whether it was done.
   *
   * @param currentPassword the present password, which must be right; empty where the session's login is at most 15 minutes
   *     old
   * @return how many live sessions were ended
   */
  default int deleteAccount(String sessionToken, String currentPassword) {
    return deleteAccount(sessionToken, "", currentPassword, "");
  }

  /**
   * Removes the session's user. After a lost reply it is not repeated: a login tells whether it was done.
   *
   * @param currentPassword the present password, which must be right; empty where the session's login is at most 15 minutes
   *     old
   * @param code a code of the user's second factor; empty where there is none
   * @return how many live sessions were ended
   */
  int deleteAccount(String sessionToken, String email, String currentPassword, String code);

  /**
   * Mails a code of six digits that logs in, where the organization has that on ({@link Reason#ACCESS_DENIED} else), and
   * gives what {@link SecondFactors#verifyEmailCode} takes with it. It never tells whether there is such a user. The latest
   * code is good alone, so after a lost reply it is not repeated.
   */
  LoginCode sendLoginCode(String email);
}
