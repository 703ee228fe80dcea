package dev.authflow.client;

import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The options of an {@link AuthFlowClient}. Nothing is required where the environment has the address and the key: the
 * connection is in clear text to a loopback address and TLS to any other, and trusts the authorities that Java trusts.
 */
public final class AuthFlowClientBuilder {
  private static final String ADDRESS = "AUTHFLOW_ADDRESS";
  private static final String API_KEY = "AUTHFLOW_API_KEY";

  private final UnaryOperator<String> environment;
  private final List<ClientInterceptor> interceptors = new ArrayList<>();
  private String address;
  private String apiKey;
  private Duration deadline = Duration.ofSeconds(10);
  private boolean plaintext;
  private ChannelCredentials credentials;
  private Path authorities;
  private Path certificateChain;
  private Path privateKey;
  private Consumer<Retry> onRetry = retry -> {};
  private Consumer<ManagedChannelBuilder<?>> configuration = channel -> {};

  AuthFlowClientBuilder(UnaryOperator<String> environment) {
    this.environment = environment;
  }

  /**
   * The server's gRPC port: {@code host:port}, {@code http://host:port} for clear text or {@code https://host:port} for
   * TLS. Unless told, {@code AUTHFLOW_ADDRESS} of the environment.
   */
  public AuthFlowClientBuilder address(String address) {
    this.address = Objects.requireNonNullElse(address, "");
    return this;
  }

  /** The organization's API key. Unless told, {@code AUTHFLOW_API_KEY} of the environment. */
  public AuthFlowClientBuilder apiKey(String apiKey) {
    this.apiKey = Objects.requireNonNullElse(apiKey, "");
    return this;
  }

  /** The time that a call may take, with its nonce, repeats and waits; 10 seconds unless told. */
  public AuthFlowClientBuilder deadline(Duration deadline) {
    if (deadline.isNegative() || deadline.isZero()) {
      throw new IllegalArgumentException("the deadline must be longer than nothing");
    }
    this.deadline = deadline;
    return this;
  }

  /** No TLS, whatever the address: the key and the passwords travel as they are. For a server in a mesh. */
  public AuthFlowClientBuilder plaintext() {
    this.plaintext = true;
    return this;
  }

  /** TLS, whatever the address, that trusts the authorities of a PEM file and no others. */
  public AuthFlowClientBuilder trust(Path authorities) {
    this.authorities = Objects.requireNonNull(authorities, "authorities");
    return this;
  }

  /**
   * TLS, whatever the address, with the certificate that the client shows to a server that asks for one: two PEM files, the
   * key unencrypted PKCS #8.
   */
  public AuthFlowClientBuilder identity(Path certificateChain, Path privateKey) {
    this.certificateChain = Objects.requireNonNull(certificateChain, "certificateChain");
    this.privateKey = Objects.requireNonNull(privateKey, "privateKey");
    return this;
  }

  /** Credentials of gRPC's own, for certificates that are not in files; instead of the three above. */
  public AuthFlowClientBuilder credentials(ChannelCredentials credentials) {
    this.credentials = Objects.requireNonNull(credentials, "credentials");
    return this;
  }

  /**
   * Is told of each repeat before its wait, on a thread that makes calls. What it throws is logged by
   * {@link System.Logger} and changes nothing.
   */
  public AuthFlowClientBuilder onRetry(Consumer<Retry> onRetry) {
    this.onRetry = Objects.requireNonNull(onRetry, "onRetry");
    return this;
  }

  /**
   * Interceptors of gRPC's own, OpenTelemetry's among them; each sees every request, those of nonces and repeats too, and
   * the key among its headers. The first sees a request first.
   */
  public AuthFlowClientBuilder interceptors(ClientInterceptor... interceptors) {
    this.interceptors.addAll(List.of(interceptors));
    return this;
  }

  /** Has the last word on gRPC's channel: keep-alive, proxy, executor. */
  public AuthFlowClientBuilder configureChannel(Consumer<ManagedChannelBuilder<?>> configuration) {
    this.configuration = Objects.requireNonNull(configuration, "configuration");
    return this;
  }

  /**
   * Makes the client. It connects with its first call.
   *
   * @throws IllegalArgumentException where the address, the key or a certificate is missing or cannot work, or options
   *     contradict each other
   * @throws UncheckedIOException where a PEM file cannot be read
   */
  public AuthFlowClient build() {
    Address server = Address.parse(given("address", address, ADDRESS));
    String key = given("API key", apiKey, API_KEY);
    // gRPC logs a header that it cannot send, with its value. A line's end after the key is the usual slip.
    if (!key.chars().allMatch(character -> character > ' ' && character < 0x7f)) {
      throw new IllegalArgumentException("the API key must be printable ASCII without spaces");
    }
    ChannelCredentials security = channelCredentials(server);
    ManagedChannelBuilder<?> channel = channel(server, security);
    // A retry policy published in DNS would repeat what must not be done twice.
    channel.disableServiceConfigLookUp();
    // gRPC runs the interceptor that was added last first.
    for (int index = interceptors.size() - 1; index >= 0; index -= 1) {
      channel.intercept(interceptors.get(index));
    }
    configuration.accept(channel);
    ConnectionFailures failures = new ConnectionFailures(server, isInsecure(security));
    return new AuthFlowClient(server, key, channel.build(), failures, new Repeats(deadline, onRetry));
  }

  private static ManagedChannelBuilder<?> channel(Address server, ChannelCredentials security) {
    try {
      return Grpc.newChannelBuilder(server.target(), security);
    } catch (RuntimeException unusable) {
      throw new IllegalArgumentException("the certificates cannot be used: " + unusable.getMessage(), unusable);
    }
  }

  private static boolean isInsecure(ChannelCredentials credentials) {
    return credentials instanceof InsecureChannelCredentials;
  }

  private String given(String what, String option, String variable) {
    String value = option == null ? environment.apply(variable) : option;
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException("no " + what + ": give one to the builder, or set " + variable);
    }
    return value;
  }

  private ChannelCredentials channelCredentials(Address server) {
    boolean hasCertificates = authorities != null || certificateChain != null;
    if (credentials != null) {
      refuse(plaintext || hasCertificates, "credentials() has no use beside plaintext(), trust() and identity()");
      refuse(isInsecure(credentials) && server.saysTls(), "an https:// address contradicts credentials without TLS");
      refuse(!isInsecure(credentials) && server.saysPlaintext(), "an http:// address contradicts credentials of TLS");
      return credentials;
    }
    refuse(plaintext && hasCertificates, "plaintext() contradicts trust() and identity()");
    refuse(plaintext && server.saysTls(), "plaintext() contradicts an https:// address");
    refuse(hasCertificates && server.saysPlaintext(), "an http:// address contradicts trust() and identity()");
    boolean isTls = hasCertificates || server.saysTls();
    boolean isPlaintext = plaintext || server.saysPlaintext() || (!isTls && server.isLoopback());
    return isPlaintext ? InsecureChannelCredentials.create() : tls();
  }

  private static void refuse(boolean contradiction, String sentence) {
    if (contradiction) {
      throw new IllegalArgumentException(sentence);
    }
  }

  private ChannelCredentials tls() {
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    try {
      if (authorities != null) {
        tls.trustManager(authorities.toFile());
      }
      if (certificateChain != null) {
        tls.keyManager(certificateChain.toFile(), privateKey.toFile());
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException("a PEM file cannot be read: " + unreadable.getMessage(), unreadable);
    }
    return tls.build();
  }
}
