package dev.authflow.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code authflow.*}.
 *
 * @param address the server's gRPC port: host:port, http://host:port for clear text or https://host:port for TLS; unless
 *     set, AUTHFLOW_ADDRESS of the environment
 * @param apiKey the organization's API key; unless set, AUTHFLOW_API_KEY of the environment
 * @param deadline the time that a call may take, with its nonce, repeats and waits
 * @param plaintext no TLS, whatever the address
 * @param trust a PEM file of the authorities to trust instead of Java's
 * @param certificateChain a PEM file of the certificate that is shown to a server that asks for one
 * @param privateKey a PEM file of that certificate's key, unencrypted PKCS #8
 * @param filter what guards requests
 * @param errors how errors that controllers let through are answered
 */
@ConfigurationProperties("authflow")
public record AuthFlowProperties(
    String address,
    String apiKey,
    @DefaultValue("10s") Duration deadline,
    @DefaultValue("false") boolean plaintext,
    Path trust,
    Path certificateChain,
    Path privateKey,
    @DefaultValue Filter filter,
    @DefaultValue Errors errors) {

  /**
   * What guards requests.
   *
   * @param enabled whether requests are guarded
   * @param urlPatterns the servlet patterns that are guarded, where Spring Security is not there
   * @param publicPaths paths that are let through unasked: /assets/* is all that begins so, anything else is one path
   * @param optional whether those without a session, or with a refused one, go through without a user
   * @param cookie the cookie to take the session from, instead of the header Authorization
   * @param remember for how long a session that was valid is not asked for again, at most a second
   * @param order where the filter stands among others, where Spring Security is not there
   */
  public record Filter(
      @DefaultValue("true") boolean enabled,
      @DefaultValue("/*") List<String> urlPatterns,
      @DefaultValue List<String> publicPaths,
      @DefaultValue("false") boolean optional,
      String cookie,
      @DefaultValue("0s") Duration remember,
      @DefaultValue("-100") int order) {}

  /**
   * How errors that controllers let through are answered.
   *
   * @param enabled whether they are answered with their HTTP status and the server's own JSON
   */
  public record Errors(@DefaultValue("true") boolean enabled) {}

  /** Without the key. */
  @Override
  public String toString() {
    return "AuthFlowProperties[address=" + address + "]";
  }
}
