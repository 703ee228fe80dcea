package dev.authflow.client;

import java.net.URI;
import java.net.URISyntaxException;
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
  private static final Pattern KEY = Pattern.compile("af(?:adm)?_");
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
    String host = form.group("host").toLowerCase(Locale.ROOT);
    int port = form.group("port") == null ? defaultPort(scheme) : Integer.parseInt(form.group("port"));
    if (port < 1 || port > LARGEST_PORT || !isHost(host)) {
      throw refused(text);
    }
    return new Address(scheme, host, port);
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

  /** The same in gRPC's words: a URI, whose path has no place for the brackets of IPv6. */
  String target() {
    return "dns:///" + toString().replace("[", "%5B").replace("]", "%5D");
  }

  /** {@code host:port}. */
  @Override
  public String toString() {
    return host + ":" + port;
  }

  private static int defaultPort(String scheme) {
    return scheme.equals("http") ? 80 : 443;
  }

  /** Whether gRPC takes it, which reads hosts as URIs have them. */
  private static boolean isHost(String host) {
    try {
      return new URI("//" + host).getHost() != null;
    } catch (URISyntaxException malformed) {
      return false;
    }
  }

  /** Without the text: what stands in an address's place by mistake is the key, or holds a password. */
  private static IllegalArgumentException refused(String text) {
    String fault = KEY.matcher(text).lookingAt() ? "looks like an API key" : "cannot be read";
    return new IllegalArgumentException(
        "the address (AUTHFLOW_ADDRESS, or given to the builder) "
            + fault
            + ": it must be host:port, http://host:port or https://host:port, without path or user");
  }
}
