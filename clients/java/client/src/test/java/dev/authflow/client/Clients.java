package dev.authflow.client;

import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import dev.authflow.v1.CreateOrganizationRequest;
import dev.authflow.v1.CreateOrganizationResponse;
import dev.authflow.v1.OrganizationServiceGrpc;
import dev.authflow.v1.OrganizationServiceGrpc.OrganizationServiceBlockingStub;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** Clients of the stand's servers. */
final class Clients {
  private Clients() {}

  /** A client of the clear-text server. */
  static AuthFlowClient of(Organization organization) {
    return withKey(organization.apiKey());
  }

  static AuthFlowClient withKey(String apiKey) {
    return builder(Stand.grpc(), apiKey).build();
  }

  /** A client of nobody. */
  static AuthFlowClient ofNobody() {
    return builder("127.0.0.1:1", "key").build();
  }

  static AuthFlowClientBuilder builder(String address, String apiKey) {
    return AuthFlowClient.builder().address(address).apiKey(apiKey);
  }

  /** A fresh organization of any of the servers. */
  static CreateOrganizationResponse newOrganization(String address, UnaryOperator<AuthFlowClientBuilder> options) {
    try (AuthFlowClient client = options.apply(builder(address, "none")).build()) {
      return organizations(client).createOrganization(named("Java " + UUID.randomUUID()));
    }
  }

  static CreateOrganizationRequest named(String name) {
    return CreateOrganizationRequest.newBuilder().setName(name).build();
  }

  /** OrganizationService, with the admin token. */
  static OrganizationServiceBlockingStub organizations(AuthFlowClient client) {
    return organizations(client, Stand.variable("AUTHFLOW_TEST_ADMIN_TOKEN"));
  }

  static OrganizationServiceBlockingStub organizations(AuthFlowClient client, String adminToken) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + adminToken);
    return OrganizationServiceGrpc.newBlockingStub(client.channel())
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Signs up somebody new, and logs in. */
  static Session newSession(AuthFlow authflow) {
    String email = Stand.newEmail();
    authflow.signUp(email, Stand.PASSWORD, Stand.FULL_NAME, true);
    return authflow.login(email, Stand.PASSWORD);
  }
}
