package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import dev.authflow.v1.ValidateRequest;
import dev.authflow.v1.ValidateResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RoundTripTest {
  @Test
  void signsUpLogsInValidatesChangesThePasswordAndLogsOut() {
    Organization organization = Stand.newOrganization();
    String email = Stand.newEmail();
    try (AuthFlowClient client = Clients.of(organization)) {
      Nonce nonce = client.fooBar(email);
      assertFalse(nonce.token().isEmpty());
      assertTrue(nonce.expiresAt().isAfter(Instant.now()));

      User user = client.signUp(" " + email.toUpperCase(), Stand.PASSWORD, Stand.FULL_NAME, true);
      assertEquals(email, user.email());
      assertEquals(Stand.FULL_NAME, user.fullName());
      assertEquals(organization.orgId(), user.orgId());

      Session session = client.login(email, Stand.PASSWORD);
      assertEquals(user.userId(), session.userId());
      assertEquals(organization.orgId(), session.orgId());
      assertTrue(session.expiresAt().isAfter(Instant.now().plus(Duration.ofDays(6))));

      SessionUser valid = client.validate(session.token(), session.email());
      assertEquals(user.userId(), valid.userId());
      assertEquals(email, valid.email());
      assertEquals(Stand.FULL_NAME, valid.fullName());
      assertEquals(organization.orgId(), valid.orgId());
      assertEquals(session.expiresAt(), valid.expiresAt());

      Session other = client.login(email, Stand.PASSWORD);
      assertNotEquals(valid.sessionId(), client.validate(other.token(), email).sessionId());
      assertEquals(1, client.changePassword(session.token(), email, "Difference-1822", Stand.PASSWORD));
      assertEquals(0, client.changePassword(session.token(), "Difference-1823"));
      assertThrows(AuthFlowException.class, () -> client.login(email, Stand.PASSWORD));

      client.logout(session.token(), email);
      client.logout(session.token(), email);
      assertThrows(AuthFlowException.class, () -> client.validate(session.token(), email));
    }
  }

  @Test
  void theStubIsReachableAndSendsTheKey() {
    Organization organization = Stand.newOrganization();
    Organization foreign = Stand.newOrganization();
    try (AuthFlowClient client = Clients.of(organization);
        AuthFlowClient stranger = Clients.of(foreign)) {
      Session session = Clients.newSession(client);
      ValidateRequest request =
          ValidateRequest.newBuilder().setSessionToken(session.token()).setEmail(session.email()).build();
      ValidateResponse reply = client.stub().validate(request);
      assertEquals(session.userId(), reply.getUserId());
      assertThrows(io.grpc.StatusRuntimeException.class, () -> stranger.stub().validate(request));
    }
  }
}
