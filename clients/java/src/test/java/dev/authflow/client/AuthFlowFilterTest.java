package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import dev.authflow.v1.CreateOrganizationResponse;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AuthFlowFilterTest {
  private CreateOrganizationResponse organization;
  private AuthFlowClient client;

  @BeforeEach
  void connect() {
    organization = Stand.newOrganization();
    client = Stand.client(organization.getApiKey());
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void putsTheUserOnTheRequest() throws Exception {
    Session session = Stand.newSession(client);
    SessionUser user = client.validate(session.token(), session.email());
    try (GuardedServlet servlet = new GuardedServlet(new AuthFlowFilter(client))) {
      for (String scheme : List.of("Bearer ", "bearer ", "BEARER  ")) {
        HttpResponse<String> reply = servlet.get(scheme + session.token());
        assertEquals(200, reply.statusCode());
        assertEquals(
            String.join(
                " ", user.userId(), user.email(), organization.getOrgId(), user.sessionId(), Stand.FULL_NAME),
            reply.body());
      }
    }
  }

  @Test
  void answersWithoutACallWhereThereIsNoUsableToken() throws Exception {
    // A call to nobody would be answered 503.
    try (AuthFlowClient nobody = AuthFlowClient.builder("127.0.0.1:1", "key").plaintext().build();
        GuardedServlet servlet = new GuardedServlet(new AuthFlowFilter(nobody))) {
      refused(servlet.get(), Reason.SESSION_INVALID);
      for (String authorization : Tokens.UNUSABLE) {
        refused(servlet.get(authorization), Reason.SESSION_INVALID);
      }
      String good = "Bearer " + Tokens.withClaims("{\"email\":\"ada@example.com\"}");
      refused(servlet.get(good, good), Reason.SESSION_INVALID);
    }
  }

  @Test
  void answersForSessionsThatTheServerRefuses() throws Exception {
    Session ended = Stand.newSession(client);
    client.logout(ended.token(), ended.email());
    List<AuthFlowException> errors = new ArrayList<>();
    try (GuardedServlet servlet = new GuardedServlet(new AuthFlowFilter(client, Duration.ZERO, errors::add))) {
      refused(servlet.get("Bearer " + ended.token()), Reason.SESSION_REVOKED);
      refused(servlet.get("Bearer " + Tokens.withClaims("{\"email\":\"ada@example.com\"}")), Reason.SESSION_INVALID);
      refused(servlet.get("Bearer " + Tokens.withClaims("{\"email\":\"no e-mail\"}")), Reason.SESSION_INVALID);
    }
    assertEquals(List.of(), errors);
  }

  @Test
  void answersUnavailableWhereItCannotTell() throws Exception {
    Session session = Stand.newSession(client);
    List<AuthFlowException> errors = new ArrayList<>();
    try (AuthFlowClient nobody = AuthFlowClient.builder("127.0.0.1:1", "key").plaintext().build();
        AuthFlowClient keyless = Stand.client("af_" + "C".repeat(43));
        GuardedServlet unreachable = new GuardedServlet(new AuthFlowFilter(nobody, Duration.ZERO, errors::add));
        GuardedServlet refusedKey = new GuardedServlet(new AuthFlowFilter(keyless, Duration.ZERO, errors::add))) {
      unavailable(unreachable.get("Bearer " + session.token()), Optional.empty());
      unavailable(refusedKey.get("Bearer " + session.token()), Optional.empty());
    }
    assertEquals("", errors.get(0).reason());
    assertEquals(Reason.API_KEY_INVALID, errors.get(1).reason());
  }

  @Test
  void handsOnTheWaitThatTheServerGave() throws Exception {
    String address = SharedCases.start("a call makes three attempts");
    String token = Tokens.withClaims("{\"email\":\"ada@example.com\"}");
    try (AuthFlowClient busy = AuthFlowClient.builder(address, "key").plaintext().build();
        GuardedServlet servlet = new GuardedServlet(new AuthFlowFilter(busy))) {
      // A millisecond, in whole seconds.
      unavailable(servlet.get("Bearer " + token), Optional.of("1"));
    }
  }

  @Test
  void asksAboutEveryRequestUnlessToldToRemember() throws Exception {
    Session session = Stand.newSession(client);
    try (GuardedServlet servlet = new GuardedServlet(new AuthFlowFilter(client))) {
      assertEquals(200, servlet.get("Bearer " + session.token()).statusCode());
      client.logout(session.token(), session.email());
      refused(servlet.get("Bearer " + session.token()), Reason.SESSION_REVOKED);
    }
  }

  @Test
  @Timeout(30)
  void remembersForASecondAtMost() throws Exception {
    AuthFlowFilter filter = new AuthFlowFilter(client, Duration.ofSeconds(1), error -> {});
    try (GuardedServlet servlet = new GuardedServlet(filter)) {
      // Once more where the machine was too busy to ask twice within a second.
      while (!remembers(servlet)) {
        Thread.onSpinWait();
      }
    }
    for (Duration refused : List.of(Duration.ofMillis(1_001), Duration.ofMillis(-1))) {
      assertThrows(IllegalArgumentException.class, () -> new AuthFlowFilter(client, refused, error -> {}));
    }
  }

  private boolean remembers(GuardedServlet servlet) throws Exception {
    Session session = Stand.newSession(client);
    String authorization = "Bearer " + session.token();
    long askedAt = System.nanoTime();
    assertEquals(200, servlet.get(authorization).statusCode());
    client.logout(session.token(), session.email());
    boolean letIn = servlet.get(authorization).statusCode() == 200;
    boolean inTime = System.nanoTime() - askedAt < TimeUnit.SECONDS.toNanos(1);
    assertTrue(letIn || !inTime, "the session was not remembered");
    HttpResponse<String> reply = servlet.get(authorization);
    while (reply.statusCode() == 200) {
      reply = servlet.get(authorization);
    }
    refused(reply, Reason.SESSION_REVOKED);
    return letIn;
  }

  private static void refused(HttpResponse<String> reply, String reason) {
    Struct body = expectBody(reply, 401, reason);
    assertEquals(Optional.of("Bearer"), reply.headers().firstValue("WWW-Authenticate"));
    assertFalse(SharedCases.text(body, "message").isEmpty());
  }

  private static void unavailable(HttpResponse<String> reply, Optional<String> retryAfter) {
    expectBody(reply, 503, Reason.UNAVAILABLE);
    assertEquals(retryAfter, reply.headers().firstValue("Retry-After"));
  }

  private static Struct expectBody(HttpResponse<String> reply, int status, String reason) {
    assertEquals(status, reply.statusCode());
    String type = reply.headers().firstValue("Content-Type").orElseThrow();
    assertTrue(type.startsWith("application/json"), type);
    Struct body = SharedCases.parse(reply.body());
    assertEquals(status, SharedCases.number(body, "statusCode"));
    assertEquals(reason, SharedCases.text(body, "error"));
    return body;
  }
}
