package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientOptionsTest {
  @Test
  void whatIsNotGivenComesFromTheEnvironment() {
    Organization organization = Stand.newOrganization();
    Map<String, String> environment =
        Map.of("AUTHFLOW_ADDRESS", Stand.grpc(), "AUTHFLOW_API_KEY", organization.apiKey());
    try (AuthFlowClient client = new AuthFlowClientBuilder(environment::get).build()) {
      assertEquals(organization.orgId(), Clients.newSession(client).orgId());
    }
  }

  @Test
  void whatIsMissingOrEmptyIsNamed() {
    refused("AUTHFLOW_ADDRESS", nowhere().apiKey("key"));
    refused("AUTHFLOW_ADDRESS", nowhere().apiKey("key").address(""));
    refused("AUTHFLOW_ADDRESS", nowhere().apiKey("key").address(null));
    refused("AUTHFLOW_API_KEY", nowhere().address("localhost:1"));
    refused("AUTHFLOW_API_KEY", nowhere().address("localhost:1").apiKey(""));
    refused("AUTHFLOW_API_KEY", new AuthFlowClientBuilder(name -> "").address("localhost:1"));
    // What is given counts, though the environment has another.
    refused("AUTHFLOW_API_KEY", new AuthFlowClientBuilder(name -> "there").address("localhost:1").apiKey(null));
  }

  @Test
  void aKeyInTheAddressesPlaceIsNotRepeated() {
    String apiKey = "af_" + "C".repeat(43);
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, Clients.builder(apiKey, "localhost:1")::build);
    for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
      assertFalse(cause.toString().contains(apiKey), cause::toString);
    }
    refused("looks like an API key", Clients.builder(apiKey, "localhost:1"));
  }

  @Test
  void contradictionsAreRefused() {
    Path ca = Stand.certificate("ca.pem");
    refused("plaintext()", Clients.builder("localhost:1", "key").plaintext().trust(ca));
    refused("plaintext()", Clients.builder("localhost:1", "key").plaintext().identity(ca, ca));
    refused("https://", Clients.builder("https://localhost:1", "key").plaintext());
    refused("http://", Clients.builder("http://localhost:1", "key").trust(ca));
    refused("http://", Clients.builder("http://localhost:1", "key").credentials(TlsChannelCredentials.create()));
    refused("https://", Clients.builder("https://localhost", "key").credentials(InsecureChannelCredentials.create()));
    refused("credentials()", Clients.builder("localhost:1", "key").trust(ca).credentials(TlsChannelCredentials.create()));
  }

  @Test
  void certificatesThatCannotBeUsedAreRefused() {
    AuthFlowClientBuilder missing = Clients.builder("localhost:1", "key").trust(Path.of("no-such.pem"));
    UncheckedIOException unreadable = assertThrows(UncheckedIOException.class, missing::build);
    assertTrue(unreadable.getMessage().contains("no-such.pem"), unreadable::getMessage);
    refused("certificates", Clients.builder("localhost:1", "key").trust(Stand.certificate("client-key.pem")));
  }

  @Test
  void deadlinesAreLongerThanNothing() {
    AuthFlowClientBuilder builder = Clients.builder("localhost:1", "key");
    assertThrows(IllegalArgumentException.class, () -> builder.deadline(Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> builder.deadline(Duration.ofMillis(-1)));
  }

  private static AuthFlowClientBuilder nowhere() {
    return new AuthFlowClientBuilder(name -> null);
  }

  private static void refused(String named, AuthFlowClientBuilder builder) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, builder::build);
    assertTrue(refusal.getMessage().contains(named), refusal::getMessage);
  }
}
