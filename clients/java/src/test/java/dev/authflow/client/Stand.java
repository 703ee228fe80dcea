package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.authflow.v1.CreateOrganizationRequest;
import dev.authflow.v1.CreateOrganizationResponse;
import dev.authflow.v1.OrganizationServiceGrpc;
import dev.authflow.v1.OrganizationServiceGrpc.OrganizationServiceBlockingStub;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** The servers that the tests run beside. docs/clients.md describes them. */
final class Stand {
  static final String PASSWORD = "Analytical-1843";
  static final String FULL_NAME = "Ada Lovelace";

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Stand() {}

  /** What the stand says under a name. */
  static String variable(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      fail(name + " is not set: these tests need servers. Start them with `npm run with-server -- mvn -q test`.");
    }
    return value;
  }

  static String grpc() {
    return variable("AUTHFLOW_TEST_GRPC");
  }

  static Path certificate(String name) {
    return Path.of(variable("AUTHFLOW_TEST_CERTIFICATES"), name);
  }

  /** Makes something happen, and gives what the stand answers. */
  static String control(String method, String path) {
    URI uri = URI.create(variable("AUTHFLOW_TEST_CONTROL") + path);
    HttpRequest request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
    try {
      HttpResponse<String> reply = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      assertTrue(reply.statusCode() < 300, () -> path + ": " + reply.statusCode() + " " + reply.body());
      return reply.body();
    } catch (IOException failure) {
      throw new AssertionError(path, failure);
    } catch (InterruptedException interruption) {
      throw new AssertionError(path, interruption);
    }
  }

  /** A client of the clear-text server. */
  static AuthFlowClient client(String apiKey) {
    return AuthFlowClient.builder(grpc(), apiKey).plaintext().build();
  }

  /** A fresh organization of the clear-text server. */
  static CreateOrganizationResponse newOrganization() {
    return newOrganization(grpc(), AuthFlowClientBuilder::plaintext);
  }

  /** A fresh organization of any of the servers. */
  static CreateOrganizationResponse newOrganization(String address, UnaryOperator<AuthFlowClientBuilder> options) {
    try (AuthFlowClient client = options.apply(AuthFlowClient.builder(address, "none")).build()) {
      return organizations(client).createOrganization(named("Java " + UUID.randomUUID()));
    }
  }

  static CreateOrganizationRequest named(String name) {
    return CreateOrganizationRequest.newBuilder().setName(name).build();
  }

  /** OrganizationService, with the admin token. */
  static OrganizationServiceBlockingStub organizations(AuthFlowClient client) {
    return organizations(client, variable("AUTHFLOW_TEST_ADMIN_TOKEN"));
  }

  static OrganizationServiceBlockingStub organizations(AuthFlowClient client, String adminToken) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + adminToken);
    return OrganizationServiceGrpc.newBlockingStub(client.channel())
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  static String newEmail() {
    return "ada-" + UUID.randomUUID() + "@example.com";
  }

  /** Signs up somebody new, and logs in. */
  static Session newSession(AuthFlowClient client) {
    String email = newEmail();
    client.signUp(email, PASSWORD, FULL_NAME, true);
    return client.login(email, PASSWORD);
  }
}
