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
    CHANGE_EMAIL
  }

  private final Kind kind;
  private final String to;
  private final String token;

  Mail(Kind kind, String to, String token) {
    this.kind = kind;
    this.to = to;
    this.token = token;
  }

  /** What it asks its reader to do. */
  public Kind kind() {
    return kind;
  }

  /** The address that it went to. */
  public String to() {
    return to;
  }

  /** What its link holds. */
  public String token() {
    return token;
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Mail[" + kind + ", to=" + to + "]";
  }
}
