package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.authflow.v1.CreateOrganizationResponse;
import io.grpc.Status.Code;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class TlsTest {
  private final Path ca = Stand.certificate("ca.pem");

  @Test
  void theRoundTripRunsOverTls() {
    roundTrip(Stand.variable("AUTHFLOW_TEST_TLS_GRPC"), options -> options.trust(ca));
  }

  @Test
  void theRoundTripRunsOverMutualTls() {
    roundTrip(
        Stand.variable("AUTHFLOW_TEST_MTLS_GRPC"),
        options -> options.trust(ca).identity(Stand.certificate("client.pem"), Stand.certificate("client-key.pem")));
  }

  @Test
  void aServerOfAnotherAuthorityIsNotSpokenTo() {
    String address = Stand.variable("AUTHFLOW_TEST_TLS_GRPC");
    unreachable(address, options -> options.trust(Stand.certificate("foreign-ca.pem")));
    unreachable(address, options -> options);
    unreachable(address, AuthFlowClientBuilder::plaintext);
  }

  @Test
  void aServerThatDemandsACertificateTakesNoOther() {
    String address = Stand.variable("AUTHFLOW_TEST_MTLS_GRPC");
    unreachable(address, options -> options.trust(ca));
    unreachable(
        address,
        options -> options.trust(ca).identity(Stand.certificate("foreign.pem"), Stand.certificate("foreign-key.pem")));
  }

  @Test
  void certificatesThatWouldNotBeUsedAreRefused() {
    AuthFlowClientBuilder contradiction = AuthFlowClient.builder("localhost:1", "key").plaintext().trust(ca);
    assertThrows(IllegalStateException.class, contradiction::build);
    AuthFlowClientBuilder missing = AuthFlowClient.builder("localhost:1", "key").trust(Path.of("no-such.pem"));
    assertThrows(UncheckedIOException.class, missing::build);
  }

  private static void roundTrip(String address, UnaryOperator<AuthFlowClientBuilder> options) {
    CreateOrganizationResponse organization = Stand.newOrganization(address, options);
    try (AuthFlowClient client =
        options.apply(AuthFlowClient.builder(address, organization.getApiKey())).build()) {
      Session session = Stand.newSession(client);
      assertEquals(session.userId(), client.validate(session.token(), session.email()).userId());
      client.logout(session.token(), session.email());
    }
  }

  private static void unreachable(String address, UnaryOperator<AuthFlowClientBuilder> options) {
    try (AuthFlowClient client =
        options.apply(AuthFlowClient.builder(address, "af_" + "C".repeat(43))).build()) {
      AuthFlowException error = assertThrows(AuthFlowException.class, () -> client.fooBar("ada@example.com"));
      assertEquals(Code.UNAVAILABLE, error.code());
      assertEquals("", error.reason());
    }
  }
}
