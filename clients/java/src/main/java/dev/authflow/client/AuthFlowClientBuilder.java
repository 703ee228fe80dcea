package dev.authflow.client;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The options of an {@link AuthFlowClient}. Nothing is required: the connection is TLS, and trusts the authorities that
 * Java trusts.
 */
public final class AuthFlowClientBuilder {
  private final String address;
  private final String apiKey;
  private Duration deadline = Duration.ofSeconds(10);
  private ChannelCredentials credentials;
  private Path authorities;
  private Path certificateChain;
  private Path privateKey;
  private Consumer<ManagedChannelBuilder<?>> configuration = channel -> {};

  AuthFlowClientBuilder(String address, String apiKey) {
    this.address = Objects.requireNonNull(address, "address");
    this.apiKey = Objects.requireNonNull(apiKey, "apiKey");
    // gRPC logs a header that it cannot send, with its value. A line's end after the key is the usual slip.
    if (apiKey.isEmpty() || !apiKey.chars().allMatch(character -> character > ' ' && character < 0x7f)) {
      throw new IllegalArgumentException("the API key must be printable ASCII without spaces");
    }
  }

  /** The time that a call may take, with its nonce, repeats and waits; 10 seconds unless told. */
  public AuthFlowClientBuilder deadline(Duration deadline) {
    if (deadline.isNegative() || deadline.isZero()) {
      throw new IllegalArgumentException("the deadline must be longer than nothing");
    }
    this.deadline = deadline;
    return this;
  }

  /** No TLS: the key and the passwords travel as they are. For a server on the same machine, or behind a mesh. */
  public AuthFlowClientBuilder plaintext() {
    return credentials(InsecureChannelCredentials.create());
  }

  /** TLS that trusts the authorities of a PEM file, and no others. */
  public AuthFlowClientBuilder trust(Path authorities) {
    this.authorities = Objects.requireNonNull(authorities, "authorities");
    return this;
  }

  /** The certificate that the client shows to a server that asks for one: two PEM files, the key unencrypted PKCS #8. */
  public AuthFlowClientBuilder identity(Path certificateChain, Path privateKey) {
    this.certificateChain = Objects.requireNonNull(certificateChain, "certificateChain");
    this.privateKey = Objects.requireNonNull(privateKey, "privateKey");
    return this;
  }

  /** Credentials of gRPC's own, for certificates that are not in files; instead of all of the above. */
  public AuthFlowClientBuilder credentials(ChannelCredentials credentials) {
    this.credentials = Objects.requireNonNull(credentials, "credentials");
    return this;
  }

  /** Has the last word on gRPC's channel: keep-alive, proxy, executor, interceptors. */
  public AuthFlowClientBuilder configureChannel(Consumer<ManagedChannelBuilder<?>> configuration) {
    this.configuration = Objects.requireNonNull(configuration, "configuration");
    return this;
  }

  /**
   * Makes the client. It connects with its first call.
   *
   * @throws IllegalStateException where certificates are given beside {@link #plaintext} or {@link #credentials}
   * @throws UncheckedIOException where a PEM file cannot be read
   */
  public AuthFlowClient build() {
    ManagedChannelBuilder<?> channel = Grpc.newChannelBuilder(address, channelCredentials());
    // A retry policy published in DNS would repeat what must not be done twice.
    channel.disableServiceConfigLookUp();
    configuration.accept(channel);
    return new AuthFlowClient(address, apiKey, channel.build(), deadline);
  }

  private ChannelCredentials channelCredentials() {
    if (credentials == null) {
      return tls();
    }
    if (authorities != null || certificateChain != null) {
      throw new IllegalStateException("certificates have no use beside plaintext() or credentials()");
    }
    return credentials;
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
      throw new UncheckedIOException(unreadable);
    }
    return tls.build();
  }
}
