package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.authflow.stand.Organization;
import dev.authflow.stand.SharedCases;
import dev.authflow.stand.Stand;
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
  void putsTheUserOnTheRequest() throws Exception {
    Session session = Clients.newSession(client);
    SessionUser user = client.validate(session.token(), session.email());
    try (GuardedServlet servlet = new GuardedServlet(new AuthFlowFilter(client))) {
      for (String scheme : List.of("Bearer ", "bearer ", "BEARER  ")) {
        HttpResponse<String> reply = servlet.get(scheme + session.token());
        assertEquals(200, reply.statusCode());
        assertEquals(
            String.join(
                " ", user.userId(), user.email(), organization.orgId(), user.sessionId(), Stand.FULL_NAME),
            reply.body());
      }
    }
  }

  @Test
  void answersWithoutACallWhereThereIsNoUsableToken() throws Exception {
    // A call to nobody would be answered 503.
    try (AuthFlowClient nobody = Clients.ofNobody();
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
    Session ended = Clients.newSession(client);
    client.logout(ended.token(), ended.email());
    List<AuthFlowException> errors = new ArrayList<>();
    try (GuardedServlet servlet = new GuardedServlet(AuthFlowFilter.builder(client).onError(errors::add).build())) {
      refused(servlet.get("Bearer " + ended.token()), Reason.SESSION_REVOKED);
      refused(servlet.get("Bearer " + Tokens.withClaims("{\"email\":\"ada@example.com\"}")), Reason.SESSION_INVALID);
      refused(servlet.get("Bearer " + Tokens.withClaims("{\"email\":\"no e-mail\"}")), Reason.SESSION_INVALID);
    }
    assertEquals(List.of(), errors);
  }

  @Test
  void answersUnavailableWhereItCannotTell() throws Exception {
    Session session = Clients.newSession(client);
    List<AuthFlowException> errors = new ArrayList<>();
    try (AuthFlowClient nobody = Clients.ofNobody();
        AuthFlowClient keyless = Clients.withKey("af_" + "C".repeat(43));
        GuardedServlet unreachable = new GuardedServlet(AuthFlowFilter.builder(nobody).onError(errors::add).build());
        GuardedServlet refusedKey = new GuardedServlet(AuthFlowFilter.builder(keyless).onError(errors::add).build())) {
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
    try (AuthFlowClient busy = Clients.builder(address, "key").build();
        GuardedServlet servlet = new GuardedServlet(new AuthFlowFilter(busy))) {
      // A millisecond, in whole seconds.
      unavailable(servlet.get("Bearer " + token), Optional.of("1"));
    }
  }

  @Test
  void putsTheSessionTokenBesideTheUser() throws Exception {
    Session session = Clients.newSession(client);
    try (GuardedServlet servlet = new GuardedServlet(new AuthFlowFilter(client))) {
      HttpResponse<String> reply = servlet.get("Bearer " + session.token());
      assertEquals(Optional.of(session.token()), reply.headers().firstValue("X-Session-Token"));
      assertEquals(
          Optional.of(session.userId() + " " + session.userId()), reply.headers().firstValue("X-Principal"));
    }
  }

  @Test
  void takesTheSessionFromACookie() throws Exception {
    String token = Clients.newSession(client).token();
    try (GuardedServlet servlet = new GuardedServlet(AuthFlowFilter.builder(client).cookie("session").build())) {
      assertEquals(200, servlet.send(servlet.request("/").header("Cookie", "a=b; session=" + token)).statusCode());
      refused(servlet.send(servlet.request("/").header("Cookie", "other=" + token)), Reason.SESSION_INVALID);
      refused(servlet.send(servlet.request("/").header("Cookie", "session=x; session=" + token)), Reason.SESSION_INVALID);
      refused(servlet.get("Bearer " + token), Reason.SESSION_INVALID);
      refused(servlet.get(), Reason.SESSION_INVALID);
    }
  }

  @Test
  void takesTheSessionFromWhatAFunctionMakesOfTheRequest() throws Exception {
    String token = Clients.newSession(client).token();
    AuthFlowFilter filter =
        AuthFlowFilter.builder(client).session(request -> Optional.ofNullable(request.getHeader("X-Session"))).build();
    try (GuardedServlet servlet = new GuardedServlet(filter)) {
      assertEquals(200, servlet.send(servlet.request("/").header("X-Session", token)).statusCode());
      refused(servlet.get("Bearer " + token), Reason.SESSION_INVALID);
    }
  }

  @Test
  void letsEverybodyThroughWhereSessionsAreOptional() throws Exception {
    Session session = Clients.newSession(client);
    Session ended = Clients.newSession(client);
    client.logout(ended.token());
    try (AuthFlowClient nobody = Clients.ofNobody();
        GuardedServlet servlet = new GuardedServlet(AuthFlowFilter.builder(client).optional().build());
        GuardedServlet unreachable = new GuardedServlet(AuthFlowFilter.builder(nobody).optional().build())) {
      assertTrue(servlet.get("Bearer " + session.token()).body().startsWith(session.userId()));
      for (HttpResponse<String> reply : List.of(servlet.get(), servlet.get("Bearer " + ended.token()))) {
        assertEquals(200, reply.statusCode());
        assertEquals("nobody", reply.body());
      }
      assertEquals("nobody", unreachable.get().body());
      unavailable(unreachable.get("Bearer " + session.token()), Optional.empty());
    }
  }

  @Test
  void letsPublicPathsThroughUnasked() throws Exception {
    AuthFlowFilter filter =
        AuthFlowFilter.builder(client)
            .publicPaths("/login", "/assets/*")
            .publicRequests(request -> request.getMethod().equals("DELETE"))
            .build();
    try (GuardedServlet servlet = new GuardedServlet(filter)) {
      for (String path : List.of("/login", "/login?next=/account", "/assets/", "/assets/a/b.css", "/%6Cogin")) {
        assertEquals("nobody", servlet.send(servlet.request(path)).body(), path);
      }
      for (String path :
          List.of("/", "/login/", "/Login", "/assets", "/account/login", "/assets/../account", "/account;/login")) {
        refused(servlet.send(servlet.request(path)), Reason.SESSION_INVALID);
      }
      assertEquals(405, servlet.send(servlet.request("/account").DELETE()).statusCode());
    }
  }

  @Test
  void logsWhyItCannotTellUnlessSomebodyIsGivenIt() throws Exception {
    String token = Clients.newSession(client).token();
    List<AuthFlowException> errors = new ArrayList<>();
    try (LoggedWarnings warnings = new LoggedWarnings(AuthFlowFilter.class.getPackageName());
        AuthFlowClient keyless = Clients.withKey("af_" + "C".repeat(43));
        GuardedServlet silent = new GuardedServlet(new AuthFlowFilter(keyless));
        GuardedServlet told = new GuardedServlet(AuthFlowFilter.builder(keyless).onError(errors::add).build())) {
      unavailable(told.get("Bearer " + token), Optional.empty());
      assertEquals(List.of(), warnings.causes());
      unavailable(silent.get("Bearer " + token), Optional.empty());
      assertEquals(Reason.API_KEY_INVALID, ((AuthFlowException) warnings.causes().get(0)).reason());
      assertEquals(1, warnings.causes().size());
    }
    assertEquals(1, errors.size());
  }

  @Test
  void asksAboutEveryRequestUnlessToldToRemember() throws Exception {
    Session session = Clients.newSession(client);
    try (GuardedServlet servlet = new GuardedServlet(new AuthFlowFilter(client))) {
      assertEquals(200, servlet.get("Bearer " + session.token()).statusCode());
      client.logout(session.token(), session.email());
      refused(servlet.get("Bearer " + session.token()), Reason.SESSION_REVOKED);
    }
  }

  @Test
  @Timeout(30)
  void remembersForASecondAtMost() throws Exception {
    AuthFlowFilter filter = AuthFlowFilter.builder(client).remember(Duration.ofSeconds(1)).build();
    try (GuardedServlet servlet = new GuardedServlet(filter)) {
      // Once more where the machine was too busy to ask twice within a second.
      while (!remembers(servlet)) {
        Thread.onSpinWait();
      }
    }
    for (Duration refused : List.of(Duration.ofMillis(1_001), Duration.ofMillis(-1))) {
      assertThrows(IllegalArgumentException.class, () -> AuthFlowFilter.builder(client).remember(refused).build());
    }
  }

  private boolean remembers(GuardedServlet servlet) throws Exception {
    Session session = Clients.newSession(client);
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
    JsonObject body = expectBody(reply, 401, reason);
    assertEquals(Optional.of("Bearer"), reply.headers().firstValue("WWW-Authenticate"));
    assertFalse(SharedCases.text(body, "message").isEmpty());
  }

  private static void unavailable(HttpResponse<String> reply, Optional<String> retryAfter) {
    expectBody(reply, 503, Reason.UNAVAILABLE);
    assertEquals(retryAfter, reply.headers().firstValue("Retry-After"));
  }

  private static JsonObject expectBody(HttpResponse<String> reply, int status, String reason) {
    assertEquals(status, reply.statusCode());
    String type = reply.headers().firstValue("Content-Type").orElseThrow();
    assertTrue(type.startsWith("application/json"), type);
    JsonObject body = SharedCases.parse(reply.body());
    assertEquals(status, body.get("statusCode").getAsInt());
    assertEquals(reason, SharedCases.text(body, "error"));
    return body;
  }
}
