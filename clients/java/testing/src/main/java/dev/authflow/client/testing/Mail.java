package dev.authflow.client.testing;

/** A mail that the fake would have sent. */
public final class Mail {
  /** What a mail asks its reader to do. */
  public enum Kind {
    /** To prove the address: the token is for {@code verifyEmail}, and good for a day. */
    VERIFY,
    /** To set a new password: the token is for {@code resetPassword}, and good for half an hour. */
    RESET,
    /** To move to the address: the token is for {@code verifyEmail}, and good for an hour. */
    CHANGE_EMAIL,
    /** To log in: the code is for {@code verifyEmailCode}, with what {@code sendLoginCode} gave, and good for ten minutes. */
    LOGIN_CODE,
    /** To go on with a login: the code is for {@code verifyEmailCode}, with the challenge that {@code sendEmailCode} took. */
    SECOND_FACTOR_CODE
  }

  private final Kind kind;
  private final String to;
  private final String token;
  private final String code;

  Mail(Kind kind, String to, String token, String code) {
    this.kind = kind;
    this.to = to;
    this.token = token;
    this.code = code;
  }

  /** What it asks its reader to do. */
  public Kind kind() {
    return kind;
  }

  /** The address that it went to. */
  public String to() {
    return to;
  }

  /** What its link holds; empty where it has none. */
  public String token() {
    return token;
  }

  /** The six digits that it tells; empty where it tells none. */
  public String code() {
    return code;
  }

  /** Without token and code. */
  @Override
  public String toString() {
    return "Mail[" + kind + ", to=" + to + "]";
  }
}
