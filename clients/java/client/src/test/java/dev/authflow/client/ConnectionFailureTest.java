package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.authflow.stand.Stand;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status.Code;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever reaches no server is told which, and why. */
class ConnectionFailureTest {
  private final String tls = Stand.variable("AUTHFLOW_TEST_TLS_GRPC");
  private final String mutualTls = Stand.variable("AUTHFLOW_TEST_MTLS_GRPC");

  @Test
  void nobodyListens() {
    told("127.0.0.1:1", "connection refused", options -> options);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[::1]:1", "http://[::1]:1", "https://[::1]:1"})
  void nobodyListensAtAnAddressOfIpv6(String address) throws IOException {
    assumeIpv6();
    told(address, "connection refused", options -> options);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[::1]:", "http://[::1]:", "[0:0:0:0:0:0:0:1]:"})
  void aServerAtAnAddressOfIpv6Answers(String host) throws IOException {
    assumeIpv6();
    Server server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()).build().start();
    try (AuthFlowClient client = Clients.builder(host + server.getPort(), "key").build()) {
      AuthFlowException error = assertThrows(AuthFlowException.class, () -> client.fooBar("ada@example.com"));
      assertEquals(Code.UNIMPLEMENTED, error.code(), error::toString);
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void thereIsNoSuchHost() {
    told("http://nowhere.invalid:50051", "no such host", options -> options);
  }

  @Test
  void theCertificateIsNotTrusted() {
    told(tls, "not trusted", options -> options.trust(Stand.certificate("foreign-ca.pem")));
    told("https://" + tls, "not trusted", options -> options);
  }

  @Test
  void theServerTakesNoOtherCertificate() {
    told(mutualTls, "demands a client's certificate", options -> options.trust(Stand.certificate("ca.pem")));
    told(
        mutualTls,
        "demands a client's certificate",
        options ->
            options
                .trust(Stand.certificate("ca.pem"))
                .identity(Stand.certificate("foreign.pem"), Stand.certificate("foreign-key.pem")));
  }

  @Test
  void oneSpeaksTlsAndTheOtherDoesNot() {
    told("https://" + Stand.grpc(), "it speaks clear text", options -> options);
    told(tls, "the client speaks clear text and the server TLS", AuthFlowClientBuilder::plaintext);
  }

  private static void assumeIpv6() throws IOException {
    assumeTrue(NetworkInterface.getByInetAddress(InetAddress.getByName("::1")) != null, "the machine has no IPv6");
  }

  private static void told(String address, String cause, UnaryOperator<AuthFlowClientBuilder> options) {
    try (AuthFlowClient client = options.apply(Clients.builder(address, "key")).build()) {
      expect(address, cause, assertThrows(AuthFlowException.class, () -> client.fooBar("ada@example.com")));
      CompletionException failed =
          assertThrows(CompletionException.class, () -> client.async().fooBar("ada@example.com").join());
      expect(address, cause, (AuthFlowException) failed.getCause());
    }
  }

  private static void expect(String address, String cause, AuthFlowException error) {
    assertEquals(Code.UNAVAILABLE, error.code());
    assertEquals("", error.reason());
    assertEquals(503, error.httpStatus());
    assertTrue(error.getMessage().contains(address.replaceFirst("https?://", "")), error::toString);
    assertTrue(error.getMessage().contains(cause), error::toString);
    assertTrue(error.toJson().contains("\"error\":\"UNAVAILABLE\""), error::toJson);
  }
}
