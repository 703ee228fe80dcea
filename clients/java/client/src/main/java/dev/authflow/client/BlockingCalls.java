package dev.authflow.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Makes calls, their repeats too, on the thread that asks, so that all that hangs on the thread goes along. */
final class BlockingCalls {
  private final Channel channel;
  private final ConnectionFailures failures;
  private final Repeats repeats;

  BlockingCalls(Channel channel, ConnectionFailures failures, Repeats repeats) {
    this.channel = channel;
    this.failures = failures;
    this.repeats = repeats;
  }

  <T> T make(Call<T> call) {
    Deadline until = repeats.deadline();
    for (int number = 1; ; number += 1) {
      Attempt attempt = new BlockingAttempt(channel, until);
      try {
        T result = outcome(call.begin(attempt));
        repeats.succeeded();
        return result;
      } catch (StatusRuntimeException failure) {
        AuthFlowException error = failures.read(failure);
        pause(repeats.waitAfter(error, call, attempt, number, until).orElseThrow(() -> error), error);
      }
    }
  }

  private static <T> T outcome(CompletableFuture<T> completed) {
    try {
      return completed.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RuntimeException) {
        throw (RuntimeException) failed.getCause();
      }
      throw failed;
    }
  }

  private static void pause(Duration wait, AuthFlowException before) {
    Context context = Context.current();
    CountDownLatch cancelled = new CountDownLatch(1);
    Context.CancellationListener listener = ended -> cancelled.countDown();
    context.addListener(listener, Runnable::run);
    try {
      if (cancelled.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
        throw AuthFlowException.cancelled(before);
      }
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw AuthFlowException.cancelled(before);
    } finally {
      context.removeListener(listener);
    }
  }

  /** Its futures are completed when they are given. */
  private static final class BlockingAttempt extends Attempt {
    private final Channel channel;
    private final CallOptions options;

    BlockingAttempt(Channel channel, Deadline until) {
      this.channel = channel;
      this.options = CallOptions.DEFAULT.withDeadline(until);
    }

    @Override
    <Q, R> CompletableFuture<R> send(MethodDescriptor<Q, R> method, Q request) {
      try {
        return CompletableFuture.completedFuture(ClientCalls.blockingUnaryCall(channel, method, options, request));
      } catch (StatusRuntimeException failure) {
        return CompletableFuture.failedFuture(failure);
      }
    }
  }
}
