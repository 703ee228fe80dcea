package dev.authflow.client;

import java.util.Objects;

/**
 * The person behind your backend, as far as it knows: what the server notes with their calls. The server heeds it from a
 * key that was never in tokens.
 */
public final class Visitor {
  /** Nothing is known. */
  static final Visitor UNKNOWN = new Visitor("", "");

  private final String clientIp;
  private final String userAgent;

  private Visitor(String clientIp, String userAgent) {
    this.clientIp = Objects.requireNonNullElse(clientIp, "");
    this.userAgent = Objects.requireNonNullElse(userAgent, "");
  }

  /**
   * What is known of a visitor; null or empty where something is not.
   *
   * @param clientIp their IP address
   * @param userAgent what their program says it is: the header {@code User-Agent}
   */
  public static Visitor of(String clientIp, String userAgent) {
    return new Visitor(clientIp, userAgent);
  }

  String clientIp() {
    return clientIp;
  }

  String userAgent() {
    return userAgent;
  }

  @Override
  public String toString() {
    return "Visitor[clientIp=" + clientIp + ", userAgent=" + userAgent + "]";
  }
}
