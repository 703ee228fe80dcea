package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.authflow.stand.SharedCases;
import dev.authflow.stand.Stand;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How calls end that would last too long. */
@Timeout(30)
class LimitsOfTimeTest {
  /** Far beyond what the tests take, so that only a cancellation ends them in time. */
  private static final Duration LONG = Duration.ofMinutes(10);

  @Test
  void aServerThatSaysNothingMeetsTheDeadline() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        AuthFlowClient client = client("127.0.0.1:" + silent.getLocalPort(), Duration.ofMillis(300))) {
      AuthFlowException error =
          assertThrows(AuthFlowException.class, () -> client.validate("a.b.c", "ada@example.com"));
      assertEquals(Code.DEADLINE_EXCEEDED, error.code());
      assertEquals("", error.reason());
    }
  }

  @Test
  void theDeadlineOfTheRequestThatIsServedCountsToo() throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        AuthFlowClient client = client("127.0.0.1:" + silent.getLocalPort(), LONG);
        Context.CancellableContext request =
            Context.current().withDeadlineAfter(300, TimeUnit.MILLISECONDS, timer)) {
      AuthFlowException error =
          request.call(
              () -> assertThrows(AuthFlowException.class, () -> client.validate("a.b.c", "ada@example.com")));
      assertEquals(Code.DEADLINE_EXCEEDED, error.code());
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void anInterruptEndsAWait() throws Exception {
    try (AuthFlowClient client = client(serverThatAsksToWait(), LONG)) {
      CompletableFuture<AuthFlowException> thrown = new CompletableFuture<>();
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      Thread caller =
          new Thread(
              () -> {
                complete(thrown, client);
                interrupted.complete(Thread.currentThread().isInterrupted());
              });
      caller.start();
      untilItWaits(caller);
      caller.interrupt();
      assertEquals(Code.CANCELLED, thrown.get(10, TimeUnit.SECONDS).code());
      assertTrue(interrupted.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void aCancelledContextEndsAWait() throws Exception {
    try (AuthFlowClient client = client(serverThatAsksToWait(), LONG);
        Context.CancellableContext request = Context.current().withCancellation()) {
      CompletableFuture<AuthFlowException> thrown = new CompletableFuture<>();
      Thread caller = new Thread(request.wrap(() -> complete(thrown, client)));
      caller.start();
      untilItWaits(caller);
      request.cancel(null);
      assertEquals(Code.CANCELLED, thrown.get(10, TimeUnit.SECONDS).code());
    }
  }

  @Test
  void aCancelledFutureEndsItsCall() throws Exception {
    CompletableFuture<Code> ended = new CompletableFuture<>();
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        AuthFlowClient client =
            Clients.builder("127.0.0.1:" + silent.getLocalPort(), "key")
                .deadline(LONG)
                .interceptors(new HowCallsEnd(ended))
                .build()) {
      CompletableFuture<SessionUser> valid = client.async().validate("a.b.c", "ada@example.com");
      valid.cancel(true);
      assertEquals(Code.CANCELLED, ended.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void aCancelledContextEndsAFuture() throws Exception {
    CompletableFuture<Retry> waits = new CompletableFuture<>();
    try (AuthFlowClient client =
            Clients.builder(serverThatAsksToWait(), "af_" + "C".repeat(43)).deadline(LONG).onRetry(waits::complete).build();
        Context.CancellableContext request = Context.current().withCancellation()) {
      CompletableFuture<Session> session =
          request.call(() -> client.async().login("ada@example.com", Stand.PASSWORD));
      waits.get(10, TimeUnit.SECONDS);
      request.cancel(null);
      ExecutionException failed = assertThrows(ExecutionException.class, () -> session.get(10, TimeUnit.SECONDS));
      assertEquals(Code.CANCELLED, ((AuthFlowException) failed.getCause()).code());
    }
  }

  private static void complete(CompletableFuture<AuthFlowException> thrown, AuthFlowClient client) {
    thrown.complete(assertThrows(AuthFlowException.class, () -> client.login("ada@example.com", Stand.PASSWORD)));
  }

  private static AuthFlowClient client(String address, Duration deadline) {
    return Clients.builder(address, "af_" + "C".repeat(43)).deadline(deadline).build();
  }

  private static String serverThatAsksToWait() throws IOException {
    return SharedCases.start("a wait that outlasts the deadline is not begun");
  }

  private static void untilItWaits(Thread caller) {
    long givenUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!isWaitingToRepeat(caller)) {
      assertTrue(System.nanoTime() < givenUpAt, "the call never waited");
      Thread.onSpinWait();
    }
  }

  private static boolean isWaitingToRepeat(Thread caller) {
    if (caller.getState() != Thread.State.TIMED_WAITING) {
      return false;
    }
    for (StackTraceElement frame : caller.getStackTrace()) {
      if (frame.getClassName().equals(BlockingCalls.class.getName()) && frame.getMethodName().equals("pause")) {
        return true;
      }
    }
    return false;
  }

  private static final class HowCallsEnd implements ClientInterceptor {
    private final CompletableFuture<Code> ended;

    HowCallsEnd(CompletableFuture<Code> ended) {
      this.ended = ended;
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<Q, R>(next.newCall(method, options)) {
        @Override
        public void start(Listener<R> listener, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<R>(listener) {
                @Override
                public void onClose(Status status, Metadata trailers) {
                  ended.complete(status.getCode());
                  super.onClose(status, trailers);
                }
              },
              headers);
        }
      };
    }
  }
}
