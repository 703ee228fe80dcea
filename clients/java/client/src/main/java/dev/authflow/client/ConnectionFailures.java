package dev.authflow.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Reads the errors of one connection, and says why there is none, where gRPC would say "io exception". */
final class ConnectionFailures {
  /** gRPC's own words for a connection that the server closed; it names no cause beside them. */
  private static final String CLOSED = "Network closed";
  /** What netty calls clear text in answer to TLS, by a class that is found in more than one package. */
  private static final String NOT_TLS = "not an SSL/TLS record";

  private final Address address;
  private final boolean plaintext;

  ConnectionFailures(Address address, boolean plaintext) {
    this.address = address;
    this.plaintext = plaintext;
  }

  AuthFlowException read(StatusRuntimeException failure) {
    Status status = failure.getStatus();
    if (!isOfConnection(status)) {
      return AuthFlowException.from(failure);
    }
    Status told = status.withDescription("cannot reach " + address + ": " + cause(status));
    return new AuthFlowException(told, ErrorDetails.NONE, failure);
  }

  /** What a server or proxy answered has no cause. */
  private static boolean isOfConnection(Status status) {
    return status.getCode() == Status.Code.UNAVAILABLE
        && (status.getCause() != null || description(status).startsWith(CLOSED));
  }

  private String cause(Status status) {
    if (find(status, UnknownHostException.class).isPresent()) {
      return "no such host";
    }
    return find(status, CertificateException.class)
        .map(untrusted -> "the server's certificate is not trusted (" + untrusted.getMessage() + ")")
        .or(() -> find(status, SSLException.class).map(ConnectionFailures::causeOfTls))
        .or(() -> find(status, ConnectException.class).map(ConnectionFailures::causeOfConnect))
        .orElseGet(() -> causeOfBreak(status));
  }

  private static String causeOfTls(SSLException failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.startsWith(NOT_TLS)) {
      return "it speaks clear text, and the client TLS";
    }
    if (message.toUpperCase(Locale.ROOT).contains("CERTIFICATE")) {
      return "the server demands a client's certificate, or refuses the one that it was shown";
    }
    return "TLS has failed (" + message + ")";
  }

  private static String causeOfConnect(ConnectException failure) {
    String message = String.valueOf(failure.getMessage());
    return message.toLowerCase(Locale.ROOT).contains("refused") ? "connection refused" : message;
  }

  private String causeOfBreak(Status status) {
    String why =
        Optional.ofNullable(status.getCause()).map(Throwable::getMessage).orElseGet(() -> description(status));
    String broken = "the connection broke (" + why + ")";
    return plaintext ? broken + ", as it does where the client speaks clear text and the server TLS" : broken;
  }

  private static String description(Status status) {
    return status.getDescription() == null ? "" : status.getDescription();
  }

  private static <T extends Throwable> Optional<T> find(Status status, Class<T> type) {
    return Stream.iterate(status.getCause(), cause -> cause != null, Throwable::getCause)
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst();
  }
}
