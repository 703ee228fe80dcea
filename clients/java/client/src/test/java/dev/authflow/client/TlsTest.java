package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.authflow.stand.Stand;
import dev.authflow.v1.CreateOrganizationResponse;
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

  private static void roundTrip(String address, UnaryOperator<AuthFlowClientBuilder> options) {
    CreateOrganizationResponse organization = Clients.newOrganization(address, options);
    try (AuthFlowClient client =
        options.apply(Clients.builder(address, organization.getApiKey())).build()) {
      Session session = Clients.newSession(client);
      assertEquals(session.userId(), client.validate(session.token(), session.email()).userId());
      client.logout(session.token(), session.email());
    }
  }
}
