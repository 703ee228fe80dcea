package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import dev.authflow.v1.GetOrganizationRequest;
import dev.authflow.v1.LoginRequest;
import dev.authflow.v1.RevokeApiKeyRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The reasons that a real server can be brought to give; ClientBehaviourTest has the others. */
class ErrorReasonsTest {
  private Organization organization;
  private AuthFlowClient client;

  @BeforeEach
  void connect() {
    organization = Stand.newOrganization();
    client = Clients.of(organization);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void faultsOfFields() {
    AuthFlowException error =
        refused(Reason.INVALID_ARGUMENT, Code.INVALID_ARGUMENT, () -> client.signUp(Stand.newEmail(), "", "", true));
    List<String> fields = error.violations().stream().map(FieldViolation::field).collect(Collectors.toList());
    assertEquals(List.of("password", "fullname"), fields);
    error.violations().forEach(violation -> assertFalse(violation.message().isEmpty()));

    // Null is not given.
    AuthFlowException none =
        refused(Reason.INVALID_ARGUMENT, Code.INVALID_ARGUMENT, () -> client.signUp(null, null, null, true));
    assertEquals(3, none.violations().size());

    String email = Stand.newEmail();
    refused(
        Reason.PASSWORD_POLICY, Code.INVALID_ARGUMENT, () -> client.signUp(email, "weak", Stand.FULL_NAME, true));
    refused(
        Reason.DISCLAIMER_REQUIRED,
        Code.INVALID_ARGUMENT,
        () -> client.signUp(email, Stand.PASSWORD, Stand.FULL_NAME, false));
  }

  @Test
  void nonces() {
    Session session = Clients.newSession(client);
    String nonce = client.fooBar(session.email()).token();
    LoginRequest request =
        LoginRequest.newBuilder().setFoobar(nonce).setEmail(session.email()).setPassword(Stand.PASSWORD).build();
    client.stub().login(request);
    rawRefused(Reason.NONCE_USED, Code.UNAUTHENTICATED, () -> client.stub().login(request));

    LoginRequest forged = request.toBuilder().setFoobar("forged").build();
    rawRefused(Reason.NONCE_INVALID, Code.UNAUTHENTICATED, () -> client.stub().login(forged));

    LoginRequest late = request.toBuilder().setFoobar(client.fooBar(session.email()).token()).build();
    Stand.control("POST", "/clock?seconds=600");
    rawRefused(Reason.NONCE_EXPIRED, Code.UNAUTHENTICATED, () -> client.stub().login(late));
  }

  @Test
  void credentials() {
    Session session = Clients.newSession(client);
    String email = session.email();
    refused(Reason.CREDENTIALS_INVALID, Code.UNAUTHENTICATED, () -> client.login(email, "Wrong-1843"));
    refused(Reason.USER_NOT_FOUND, Code.NOT_FOUND, () -> client.login(Stand.newEmail(), Stand.PASSWORD));
    refused(
        Reason.USER_EXISTS,
        Code.ALREADY_EXISTS,
        () -> client.signUp(email, Stand.PASSWORD, Stand.FULL_NAME, true));
    Stand.control("POST", "/disable?org_id=" + organization.orgId() + "&email=" + email);
    refused(Reason.USER_DISABLED, Code.PERMISSION_DENIED, () -> client.login(email, Stand.PASSWORD));
    try (AuthFlowClient stranger = Clients.withKey("af_" + "C".repeat(43))) {
      refused(Reason.API_KEY_INVALID, Code.UNAUTHENTICATED, () -> stranger.login(email, Stand.PASSWORD));
    }
  }

  @Test
  void sessions() {
    Session ended = Clients.newSession(client);
    client.logout(ended.token(), ended.email());
    refused(Reason.SESSION_REVOKED, Code.UNAUTHENTICATED, () -> client.validate(ended.token(), ended.email()));
    refused(Reason.SESSION_INVALID, Code.UNAUTHENTICATED, () -> client.validate("a.b.c", ended.email()));

    Session old = Clients.newSession(client);
    Stand.control("POST", "/clock?seconds=" + 8 * 24 * 3600);
    refused(Reason.SESSION_EXPIRED, Code.UNAUTHENTICATED, () -> client.validate(old.token(), old.email()));
  }

  @Test
  void organizations() {
    var service = Clients.organizations(client);
    String unknown = UUID.randomUUID().toString();
    rawRefused(
        Reason.ORGANIZATION_EXISTS,
        Code.ALREADY_EXISTS,
        () -> service.createOrganization(Clients.named(organization.name())));
    rawRefused(
        Reason.ORGANIZATION_NOT_FOUND,
        Code.NOT_FOUND,
        () -> service.getOrganization(GetOrganizationRequest.newBuilder().setOrgId(unknown).build()));
    RevokeApiKeyRequest revocation =
        RevokeApiKeyRequest.newBuilder().setOrgId(organization.orgId()).setKeyId(unknown).build();
    rawRefused(Reason.API_KEY_NOT_FOUND, Code.NOT_FOUND, () -> service.revokeApiKey(revocation));
    var stranger = Clients.organizations(client, "afadm_" + "C".repeat(43));
    rawRefused(
        Reason.ADMIN_TOKEN_INVALID,
        Code.UNAUTHENTICATED,
        () -> stranger.createOrganization(Clients.named("Nobody's")));
  }

  private static AuthFlowException refused(String reason, Code code, Executable call) {
    AuthFlowException error = assertThrows(AuthFlowException.class, call);
    assertEquals(reason, error.reason());
    assertEquals(code, error.code());
    assertFalse(error.getMessage().isEmpty());
    return error;
  }

  private static void rawRefused(String reason, Code code, Executable call) {
    StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, call);
    AuthFlowException error = AuthFlowException.from(failure);
    assertEquals(reason, error.reason());
    assertEquals(code, error.code());
  }
}
