package dev.authflow.client;

/**
 * The reasons that are known today, as {@link AuthFlowException#reason} gives them. The list will grow: keep a reason that
 * you do not know, and act on the code.
 */
public final class Reason {
  /** A field is missing, malformed or too long; the violations name every such field. */
  public static final String INVALID_ARGUMENT = "INVALID_ARGUMENT";

  /** A new password breaks the policy; the message says which rule. */
  public static final String PASSWORD_POLICY = "PASSWORD_POLICY";

  /** {@code disclaimed} is not true. */
  public static final String DISCLAIMER_REQUIRED = "DISCLAIMER_REQUIRED";

  /** The nonce is malformed, forged, or for another e-mail or organization. */
  public static final String NONCE_INVALID = "NONCE_INVALID";

  /** The nonce is too old. Ask FooBar for another. */
  public static final String NONCE_EXPIRED = "NONCE_EXPIRED";

  /** The nonce was spent before. Ask FooBar for another. */
  public static final String NONCE_USED = "NONCE_USED";

  /** The API key is malformed, unknown, revoked, of another organization than org_id, or of a closed organization. */
  public static final String API_KEY_INVALID = "API_KEY_INVALID";

  /** The admin token is missing or wrong. */
  public static final String ADMIN_TOKEN_INVALID = "ADMIN_TOKEN_INVALID";

  /** A browser sent the request; the calls are for backends. */
  public static final String ORIGIN_REFUSED = "ORIGIN_REFUSED";

  /** Wrong password. */
  public static final String CREDENTIALS_INVALID = "CREDENTIALS_INVALID";

  /** The session token is malformed, forged, of another type, e-mail or organization. */
  public static final String SESSION_INVALID = "SESSION_INVALID";

  /** The session is too old. */
  public static final String SESSION_EXPIRED = "SESSION_EXPIRED";

  /** The session was ended. */
  public static final String SESSION_REVOKED = "SESSION_REVOKED";

  /** The password is right, but the user is disabled. */
  public static final String USER_DISABLED = "USER_DISABLED";

  /** The organization has no such user. */
  public static final String USER_NOT_FOUND = "USER_NOT_FOUND";

  /** Org_id is unknown or closed, and no key was given. */
  public static final String ORGANIZATION_NOT_FOUND = "ORGANIZATION_NOT_FOUND";

  /** The organization has no key with this key_id. */
  public static final String API_KEY_NOT_FOUND = "API_KEY_NOT_FOUND";

  /** The e-mail is signed up in this organization. */
  public static final String USER_EXISTS = "USER_EXISTS";

  /** The organization's name is taken. */
  public static final String ORGANIZATION_EXISTS = "ORGANIZATION_EXISTS";

  /** Too many tries. Carries a wait. */
  public static final String RATE_LIMITED = "RATE_LIMITED";

  /** More passwords wait to be hashed than can be hashed in time. Nothing was done; carries a wait. */
  public static final String OVERLOADED = "OVERLOADED";

  /**
   * Too many failures for this account. Carries a wait, unless only an administrator or a new password opens it
   * again.
   */
  public static final String ACCOUNT_LOCKED = "ACCOUNT_LOCKED";

  /** The call took longer than its deadline, at most 10 seconds. */
  public static final String DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED";

  /** Storage cannot be reached, or the server is stopping. Nothing was done; a repeat is safe. */
  public static final String UNAVAILABLE = "UNAVAILABLE";

  /** A fault of the server. The message holds a request id to look for in its log. */
  public static final String INTERNAL = "INTERNAL";

  /** The password is right, and the login needs a second factor. Brings a {@link Challenge}. */
  public static final String SECOND_FACTOR_REQUIRED = "SECOND_FACTOR_REQUIRED";

  /** The organization lets nobody log in whose e-mail is not verified. */
  public static final String EMAIL_NOT_VERIFIED = "EMAIL_NOT_VERIFIED";

  /** The password must be changed before a login. Brings a {@link Challenge}. */
  public static final String PASSWORD_CHANGE_REQUIRED = "PASSWORD_CHANGE_REQUIRED";

  /** The token of a mail is malformed, forged, void or of another type. */
  public static final String TOKEN_INVALID = "TOKEN_INVALID";

  /** The token of a mail is too old. */
  public static final String TOKEN_EXPIRED = "TOKEN_EXPIRED";

  /**
   * The call needs the present password, or a session whose login was at most 15 minutes ago; and a code where the user has
   * a second factor.
   */
  public static final String REAUTHENTICATION_REQUIRED = "REAUTHENTICATION_REQUIRED";

  /** A management key lacks the right; from middleware: the user has none of the roles. */
  public static final String ACCESS_DENIED = "ACCESS_DENIED";

  /** The challenge of a login is malformed, spent, void, out of tries or too old, or does not take this method. */
  public static final String CHALLENGE_INVALID = "CHALLENGE_INVALID";

  /** The code is wrong, or was used before. */
  public static final String CODE_INVALID = "CODE_INVALID";

  /** The user has a second factor. */
  public static final String SECOND_FACTOR_ALREADY_ENABLED = "SECOND_FACTOR_ALREADY_ENABLED";

  /** The user has no second factor, or none to confirm; or the organization takes none. */
  public static final String SECOND_FACTOR_NOT_ENABLED = "SECOND_FACTOR_NOT_ENABLED";

  private Reason() {}
}
