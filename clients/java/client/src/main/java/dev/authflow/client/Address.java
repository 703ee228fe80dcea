package dev.authflow.client;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a server listens, and what the way it is written says of TLS. */
final class Address {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?<scheme>https?)://)?(?<host>\\[[0-9a-f:.]+]|[a-z0-9.-]+)(?::(?<port>[0-9]{1,5}))?(?<root>/?)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(?:\\.[0-9]{1,3}){3}|\\[(?:0{0,4}:){2,7}0{0,3}1]");
  private static final int LARGEST_PORT = 65_535;

  private final String scheme;
  private final String host;
  private final int port;

  private Address(String scheme, String host, int port) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
  }

  /**
   * Reads {@code host:port}, {@code http://host} or {@code https://host}, the latter two with a port where it is not 80 or
   * 443.
   *
   * @throws IllegalArgumentException with a sentence, where it is none of these
   */
  static Address parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw refused(text);
    }
    String scheme = form.group("scheme") == null ? "" : form.group("scheme").toLowerCase(Locale.ROOT);
    if (scheme.isEmpty() && (form.group("port") == null || !form.group("root").isEmpty())) {
      throw refused(text);
    }
    int port = form.group("port") == null ? defaultPort(scheme) : Integer.parseInt(form.group("port"));
    if (port < 1 || port > LARGEST_PORT) {
      throw refused(text);
    }
    return new Address(scheme, form.group("host").toLowerCase(Locale.ROOT), port);
  }

  /** Whether it says that the connection is in clear text, by its scheme. */
  boolean saysPlaintext() {
    return scheme.equals("http");
  }

  /** Whether it says that the connection is TLS, by its scheme. */
  boolean saysTls() {
    return scheme.equals("https");
  }

  /** Whether nobody but this machine hears what is sent to it. */
  boolean isLoopback() {
    return LOOPBACK.matcher(host).matches();
  }

  /** The same in gRPC's words. */
  String target() {
    return "dns:///" + this;
  }

  /** {@code host:port}. */
  @Override
  public String toString() {
    return host + ":" + port;
  }

  private static int defaultPort(String scheme) {
    return scheme.equals("http") ? 80 : 443;
  }

  /** Without the text where it holds an {@code @}: what stands before that is a password. */
  private static IllegalArgumentException refused(String text) {
    String given = text.contains("@") ? "with a user" : "\"" + text + "\"";
    return new IllegalArgumentException(
        "the address " + given + " is none of host:port, http://host:port and https://host:port, without path or user");
  }
}
