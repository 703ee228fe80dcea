package dev.authflow.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.authflow.client.AuthFlowAsync;
import dev.authflow.client.AuthFlowClient;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.stand.Stand;
import io.grpc.Status.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class AuthFlowFakeTest {
  private final AuthFlowFake fake = new AuthFlowFake();

  @Test
  void everyCallFailsWhileItIsUnreachable() {
    Session session = session(fake);
    fake.unreachable();
    for (Executable call :
        new Executable[] {
          () -> fake.fooBar("ada@example.com"),
          () -> fake.signUp("grace@example.com", Stand.PASSWORD, "Grace Hopper", true),
          () -> fake.login("ada@example.com", Stand.PASSWORD),
          () -> fake.validate(session.token()),
          () -> fake.changePassword(session.token(), "Difference-1822"),
          () -> fake.logout(session.token()),
          () -> fake.me(session.token()),
          () -> fake.forgotPassword("ada@example.com"),
          () -> fake.deleteAccount(session.token()),
        }) {
      AuthFlowException error = assertThrows(AuthFlowException.class, call);
      assertEquals(Code.UNAVAILABLE, error.code());
      assertEquals("", error.reason());
      assertEquals(503, error.httpStatus());
    }
    fake.reachable();
    assertEquals(session.userId(), fake.validate(session.token()).userId());
  }

  @Test
  void sessionsExpire() {
    Instant loggedInAt = Instant.parse("2030-01-02T03:04:05Z");
    MovedClock clock = new MovedClock(loggedInAt);
    AuthFlowFake aging = new AuthFlowFake(clock);
    Session session = session(aging);
    assertEquals(loggedInAt.plus(Duration.ofDays(7)), session.expiresAt());
    clock.now = session.expiresAt();
    AuthFlowException error = assertThrows(AuthFlowException.class, () -> aging.validate(session.token()));
    assertEquals(Reason.SESSION_EXPIRED, error.reason());
    aging.logout(session.token());
  }

  @Test
  void proofsAndTokensOfMailsAge() {
    MovedClock clock = new MovedClock(Instant.parse("2030-01-02T03:04:05Z"));
    AuthFlowFake aging = new AuthFlowFake(clock);
    Session session = session(aging);
    String token = session.token();
    aging.forgotPassword("ada@example.com");
    clock.now = clock.now.plus(Duration.ofMinutes(30));
    Mail mail = aging.mails().get(0);
    assertFalse(aging.mails().toString().contains(mail.token()));
    refused(Reason.TOKEN_EXPIRED, () -> aging.resetPassword(mail.token(), "Difference-1822"));
    refused(Reason.REAUTHENTICATION_REQUIRED, () -> aging.changeEmail(token, "ada@example.org"));
    refused(Reason.REAUTHENTICATION_REQUIRED, () -> aging.deleteAccount(token));
    aging.changeEmail(token, "ada@example.org", Stand.PASSWORD);
    assertEquals(session.expiresAt(), aging.renewSession(token).expiresAt());
    clock.now = clock.now.plus(Duration.ofDays(6));
    Session renewed = aging.async().renewSession(token).join();
    assertEquals(clock.now.plus(Duration.ofDays(7)), renewed.expiresAt());
    clock.now = clock.now.plus(Duration.ofDays(1));
    refused(Reason.SESSION_EXPIRED, () -> aging.validate(token));
    assertEquals(renewed.expiresAt(), aging.validate(renewed.token()).expiresAt());
    assertThrows(IllegalArgumentException.class, () -> aging.setRoles("grace@example.com", "editor"));
  }

  private static void refused(String reason, Executable call) {
    assertEquals(reason, assertThrows(AuthFlowException.class, call).reason());
  }

  @Test
  void futuresEndAsCallsDo() {
    Session session = session(fake);
    assertEquals(session.userId(), fake.async().validate(session.token()).join().userId());
    fake.async().logout(session.token()).join();
    CompletionException failed =
        assertThrows(CompletionException.class, () -> fake.async().validate(session.token()).join());
    assertEquals(Reason.SESSION_REVOKED, ((AuthFlowException) failed.getCause()).reason());
  }

  @Test
  void callsFollowCallsAsTheClientsDo() {
    AuthFlowAsync async = fake.async();
    String reason =
        async
            .signUp("ada@example.com", Stand.PASSWORD, Stand.FULL_NAME, true)
            .thenCompose(user -> async.login(user.email(), "Wrong-1843"))
            .handle((none, failure) -> async.login("ada@example.com", Stand.PASSWORD))
            .thenCompose(Function.identity())
            .thenComposeAsync(
                session ->
                    async
                        .validate(session.token())
                        .thenCompose(user -> async.logout(session.token()))
                        .thenCompose(nothing -> async.validate(session.token())))
            .handle((user, failure) -> ((AuthFlowException) failure.getCause()).reason())
            .join();
    assertEquals(Reason.SESSION_REVOKED, reason);
  }

  @Test
  void noServerTakesItsTokens() {
    Session session = session(fake);
    assertTrue(session.token().startsWith("fake."));
    try (AuthFlowClient client =
        AuthFlowClient.builder().address(Stand.grpc()).apiKey(Stand.newOrganization().apiKey()).build()) {
      AuthFlowException error = assertThrows(AuthFlowException.class, () -> client.validate(session.token()));
      assertEquals(Reason.SESSION_INVALID, error.reason());
    }
  }

  @Test
  void printsNoTokenAndNoPassword() {
    Session session = session(fake);
    assertFalse((fake + " " + session).contains(session.token()));
    assertFalse(fake.toString().contains(Stand.PASSWORD));
  }

  private static Session session(AuthFlowFake fake) {
    fake.signUp("ada@example.com", Stand.PASSWORD, Stand.FULL_NAME, true);
    return fake.login("ada@example.com", Stand.PASSWORD);
  }
}
