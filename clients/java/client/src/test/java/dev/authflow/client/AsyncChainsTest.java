package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.authflow.stand.SharedCases;
import dev.authflow.stand.Stand;
import io.grpc.Context;
import io.grpc.Status.Code;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that are made from what follows other calls. */
@Timeout(30)
class AsyncChainsTest {
  private static final Context.Key<String> REQUEST = Context.key("request");

  private final String email = Stand.newEmail();
  private AuthFlowClient client;
  private AuthFlowAsync async;

  @BeforeEach
  void signUp() {
    client = Clients.of(Stand.newOrganization());
    async = client.async();
    client.signUp(email, Stand.PASSWORD, Stand.FULL_NAME, true);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void everyCallFollowsEveryOther() throws Exception {
    String other = Stand.newEmail();
    CompletableFuture<Boolean> isRefused =
        async
            .fooBar(other)
            .thenCompose(nonce -> async.signUp(other, Stand.PASSWORD, Stand.FULL_NAME, true))
            .thenCompose(user -> async.login(user.email(), Stand.PASSWORD))
            .thenCompose(
                session ->
                    async
                        .validate(session.token())
                        .thenCompose(user -> async.changePassword(session.token(), "Difference-1822"))
                        .thenCompose(ended -> async.logout(session.token()))
                        .thenCompose(nothing -> async.validate(session.token())))
            .handle((user, failure) -> reason(failure).equals(Reason.SESSION_REVOKED));
    assertEquals(true, isRefused.get(20, TimeUnit.SECONDS));
  }

  @Test
  void aCallFollowsOnAnotherThread() throws Exception {
    CompletableFuture<SessionUser> user =
        async.login(email, Stand.PASSWORD).thenComposeAsync(session -> async.validate(session.token()));
    assertEquals(email, user.get(20, TimeUnit.SECONDS).email());
  }

  @Test
  void aBlockingCallFollows() throws Exception {
    CompletableFuture<SessionUser> user =
        async.login(email, Stand.PASSWORD).thenApply(session -> client.validate(session.token()));
    assertEquals(email, user.get(20, TimeUnit.SECONDS).email());
  }

  @Test
  void aCallThatIsNotWaitedForFollows() throws Exception {
    CompletableFuture<CompletableFuture<SessionUser>> inner =
        async.login(email, Stand.PASSWORD).thenApply(session -> async.validate(session.token()));
    assertEquals(email, inner.get(20, TimeUnit.SECONDS).get(20, TimeUnit.SECONDS).email());
  }

  @Test
  void aCallFollowsARefusal() throws Exception {
    CompletableFuture<Session> session =
        async
            .login(email, "Wrong-1843")
            .handle((none, failure) -> async.login(email, Stand.PASSWORD))
            .thenCompose(Function.identity());
    assertEquals(email, session.get(20, TimeUnit.SECONDS).email());
  }

  @Test
  void aCallFollowsRepeats() throws Exception {
    String apiKey = SharedCases.text(SharedCases.clientBehaviour(), "apiKey");
    try (AuthFlowClient failing =
        Clients.builder(SharedCases.start("a call makes three attempts"), apiKey).build()) {
      CompletableFuture<Session> session =
          failing
              .async()
              .validate("header.payload.signature", "ada@example.com")
              .handle((none, failure) -> async.login(email, Stand.PASSWORD))
              .thenCompose(Function.identity());
      assertEquals(email, session.get(20, TimeUnit.SECONDS).email());
    }
  }

  @Test
  void whatFollowsIsInTheCallersContext() throws Exception {
    CompletableFuture<String> seen =
        Context.current()
            .withValue(REQUEST, "the caller's")
            .call(
                () ->
                    async
                        .login(email, Stand.PASSWORD)
                        .thenApply(session -> REQUEST.get() + " " + Context.current().isCancelled()));
    assertEquals("the caller's false", seen.get(20, TimeUnit.SECONDS));
    assertFalse(Context.current().isCancelled());
  }

  @Test
  void theCallersCancellationEndsWhatFollowsToo() throws Exception {
    CompletableFuture<Code> followed;
    try (Context.CancellableContext request = Context.current().withCancellation()) {
      followed =
          request.call(
              () ->
                  async
                      .login(email, Stand.PASSWORD)
                      .thenCompose(
                          session -> {
                            request.cancel(null);
                            return async.validate(session.token());
                          })
                      .handle((user, failure) -> ((AuthFlowException) failure.getCause()).code()));
      assertEquals(Code.CANCELLED, followed.get(20, TimeUnit.SECONDS));
    }
  }

  private static String reason(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() instanceof AuthFlowException
        ? ((AuthFlowException) failure.getCause()).reason()
        : String.valueOf(failure);
  }
}
