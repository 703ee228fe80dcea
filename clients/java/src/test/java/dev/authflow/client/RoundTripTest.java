package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.authflow.v1.CreateOrganizationResponse;
import dev.authflow.v1.ValidateRequest;
import dev.authflow.v1.ValidateResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RoundTripTest {
  @Test
  void signsUpLogsInValidatesChangesThePasswordAndLogsOut() {
    CreateOrganizationResponse organization = Stand.newOrganization();
    String email = Stand.newEmail();
    try (AuthFlowClient client = Stand.client(organization.getApiKey())) {
      Nonce nonce = client.fooBar(email);
      assertFalse(nonce.token().isEmpty());
      assertTrue(nonce.expiresAt().isAfter(Instant.now()));

      User user = client.signUp(" " + email.toUpperCase(), Stand.PASSWORD, Stand.FULL_NAME, true);
      assertEquals(email, user.email());
      assertEquals(Stand.FULL_NAME, user.fullName());
      assertEquals(organization.getOrgId(), user.orgId());

      Session session = client.login(email, Stand.PASSWORD);
      assertEquals(user.userId(), session.userId());
      assertEquals(organization.getOrgId(), session.orgId());
      assertTrue(session.expiresAt().isAfter(Instant.now().plus(Duration.ofDays(6))));

      SessionUser valid = client.validate(session.token(), session.email());
      assertEquals(user.userId(), valid.userId());
      assertEquals(email, valid.email());
      assertEquals(Stand.FULL_NAME, valid.fullName());
      assertEquals(organization.getOrgId(), valid.orgId());
      assertEquals(session.expiresAt(), valid.expiresAt());

      Session other = client.login(email, Stand.PASSWORD);
      assertNotEquals(valid.sessionId(), client.validate(other.token(), email).sessionId());
      assertEquals(1, client.changePassword(session.token(), email, "Difference-1822", Stand.PASSWORD));
      assertEquals(0, client.changePassword(session.token(), email, "Difference-1823"));
      assertThrows(AuthFlowException.class, () -> client.login(email, Stand.PASSWORD));

      client.logout(session.token(), email);
      client.logout(session.token(), email);
      assertThrows(AuthFlowException.class, () -> client.validate(session.token(), email));
    }
  }

  @Test
  void theStubIsReachableAndSendsTheKey() {
    CreateOrganizationResponse organization = Stand.newOrganization();
    CreateOrganizationResponse foreign = Stand.newOrganization();
    try (AuthFlowClient client = Stand.client(organization.getApiKey());
        AuthFlowClient stranger = Stand.client(foreign.getApiKey())) {
      Session session = Stand.newSession(client);
      ValidateRequest request =
          ValidateRequest.newBuilder().setSessionToken(session.token()).setEmail(session.email()).build();
      ValidateResponse reply = client.stub().validate(request);
      assertEquals(session.userId(), reply.getUserId());
      assertThrows(io.grpc.StatusRuntimeException.class, () -> stranger.stub().validate(request));
    }
  }
}
