package dev.authflow.client;

import java.time.Instant;
import java.util.List;

/**
 * The second step of a login, and what users do with their second factor: an authenticator app (TOTP), and recovery codes for
 * who lost it.
 *
 * <p>A code is good once: after a lost reply none of these calls is repeated. One that is wrong or was used before is
 * {@link Reason#CODE_INVALID}; wrong ones are counted per user, and beyond fifty in a row none is compared:
 * {@link Reason#ACCOUNT_LOCKED}. A challenge is {@link Challenge#token}: it lives 10 minutes, takes 5 tries and is spent by
 * success, and is {@link Reason#CHALLENGE_INVALID} then. An e-mail that is null or empty is read from the session token,
 * unverified, as in {@link Accounts}.
 */
public interface SecondFactors {
  /**
   * Makes a secret for an authenticator app, of a user whose login is at most 15 minutes old. Nothing changes until
   * {@link #confirmTotp(String, String) confirmTotp}.
   */
  default TotpSetup enableTotp(String sessionToken) {
    return enableTotp(sessionToken, "", "");
  }

  /**
   * Makes a secret for an authenticator app. Nothing changes until {@link #confirmTotp(String, String) confirmTotp}; another
   * call makes another secret, and the one before is void.
   *
   * @param currentPassword the present password, which must be right; empty where the session's login is at most 15 minutes
   *     old: {@link Reason#REAUTHENTICATION_REQUIRED} else
   */
  default TotpSetup enableTotp(String sessionToken, String currentPassword) {
    return enableTotp(sessionToken, "", currentPassword);
  }

  /**
   * Makes a secret for an authenticator app, where the e-mail is known. {@link Reason#SECOND_FACTOR_ALREADY_ENABLED} where
   * there is a factor, {@link Reason#SECOND_FACTOR_NOT_ENABLED} where the organization takes none.
   *
   * @param currentPassword the present password, which must be right; empty where the session's login is at most 15 minutes
   *     old: {@link Reason#REAUTHENTICATION_REQUIRED} else
   */
  TotpSetup enableTotp(String sessionToken, String email, String currentPassword);

  /** Makes a secret for an authenticator app, in a login whose method is {@link Challenge#SETUP}. */
  TotpSetup enableTotpByChallenge(String challenge);

  /**
   * Takes the first code of the new secret: from now on logins need one. It ends the user's other sessions and gives the
   * recovery codes, once. {@link Reason#SECOND_FACTOR_NOT_ENABLED} where there is no secret to confirm, or it is older than
   * 10 minutes.
   */
  default TotpConfirmation confirmTotp(String sessionToken, String code) {
    return confirmTotp(sessionToken, "", code);
  }

  /** Takes the first code of the new secret, as {@link #confirmTotp(String, String)} does, where the e-mail is known. */
  TotpConfirmation confirmTotp(String sessionToken, String email, String code);

  /**
   * Takes the first code of the new secret in a login whose method is {@link Challenge#SETUP}, and opens the session, unless
   * the password must be changed first: then log in again.
   */
  TotpConfirmation confirmTotpByChallenge(String challenge, String code);

  /** Takes the second factor off, of a user whose login is at most 15 minutes old, and ends the user's other sessions. */
  default void disableTotp(String sessionToken, String code) {
    disableTotp(sessionToken, "", "", code);
  }

  /**
   * Takes the second factor off, and ends the user's other sessions.
   *
   * @param currentPassword the present password, which must be right; empty where the session's login is at most 15 minutes
   *     old
   * @param code a code of the authenticator app, or a recovery code
   */
  default void disableTotp(String sessionToken, String currentPassword, String code) {
    disableTotp(sessionToken, "", currentPassword, code);
  }

  /** Takes the second factor off, as {@link #disableTotp(String, String, String)} does, where the e-mail is known. */
  void disableTotp(String sessionToken, String email, String currentPassword, String code);

  /** Gives new recovery codes to a user whose login is at most 15 minutes old; those before are void. */
  default List<String> regenerateRecoveryCodes(String sessionToken, String code) {
    return regenerateRecoveryCodes(sessionToken, "", "", code);
  }

  /**
   * Gives new recovery codes; those before are void.
   *
   * @param currentPassword the present password, which must be right; empty where the session's login is at most 15 minutes
   *     old
   * @param code a code of the authenticator app, or a recovery code
   * @return ten codes, each good once, which are the user's alone to see
   */
  default List<String> regenerateRecoveryCodes(String sessionToken, String currentPassword, String code) {
    return regenerateRecoveryCodes(sessionToken, "", currentPassword, code);
  }

  /**
   * Gives new recovery codes, as {@link #regenerateRecoveryCodes(String, String, String)} does, where the e-mail is known.
   */
  List<String> regenerateRecoveryCodes(String sessionToken, String email, String currentPassword, String code);

  /**
   * Answers a challenge by a code of the authenticator app: six digits.
   *
   * @return the session, or the challenge of a password that must be changed first
   */
  LoginStep verifyTotp(String challenge, String code);

  /**
   * Mails a code of six digits to the user's proven address. The latest is good alone.
   *
   * @return when it expires
   */
  Instant sendEmailCode(String challenge);

  /**
   * Answers a challenge by the code of a mail: that of {@link #sendEmailCode}, or of {@link Accounts#sendLoginCode}, which
   * proves the address.
   *
   * @return the session, or the challenge of what is needed besides
   */
  LoginStep verifyEmailCode(String challenge, String code);

  /**
   * Answers a challenge by a recovery code, in any spelling.
   *
   * @return the session with {@link LoginStep#recoveryCodesLeft}, or the challenge of a password that must be changed first
   */
  LoginStep verifyRecoveryCode(String challenge, String recoveryCode);
}
