package dev.authflow.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Makes calls without a thread that waits for them. */
final class AsyncCalls {
  private final Channel channel;
  private final ConnectionFailures failures;
  private final Repeats repeats;

  AsyncCalls(Channel channel, ConnectionFailures failures, Repeats repeats) {
    this.channel = channel;
    this.failures = failures;
    this.repeats = repeats;
  }

  <T> CompletableFuture<T> make(Call<T> call) {
    return new Running<>(call).begin();
  }

  /** A call from its first attempt to its outcome. */
  private final class Running<T> {
    private final Call<T> call;
    private final Deadline until = repeats.deadline();
    private final Context callers = Context.current();
    /** Cancelled when the call is over: what follows a call is never run in it, and made of the caller's. */
    private final Context.CancellableContext context = callers.withCancellation();
    private final CompletableFuture<T> result = new CompletableFuture<>();

    private Running(Call<T> call) {
      this.call = call;
    }

    private CompletableFuture<T> begin() {
      context.addListener(
          ended -> callers.run(() -> result.completeExceptionally(AuthFlowException.cancelled(ended))), Runnable::run);
      // Ends what is under way where the caller cancels the result, and lets go of the caller's context in any case.
      result.whenComplete((value, failure) -> context.cancel(null));
      attempt(1);
      return result;
    }

    private void attempt(int number) {
      Attempt attempt = new AsyncAttempt(channel, until);
      try {
        context
            .call(() -> call.begin(attempt))
            .whenComplete((value, failure) -> callers.run(() -> ended(value, failure, attempt, number)));
      } catch (Exception fault) {
        callers.run(() -> result.completeExceptionally(fault));
      }
    }

    private void ended(T value, Throwable failure, Attempt attempt, int number) {
      if (failure == null) {
        repeats.succeeded();
        result.complete(value);
      } else {
        failed(unwrapped(failure), attempt, number);
      }
    }

    private void failed(Throwable failure, Attempt attempt, int number) {
      if (result.isDone()) {
        return;
      }
      if (!(failure instanceof StatusRuntimeException)) {
        result.completeExceptionally(failure);
        return;
      }
      AuthFlowException error = failures.read((StatusRuntimeException) failure);
      Optional<Duration> wait = repeats.waitAfter(error, call, attempt, number, until);
      if (wait.isEmpty()) {
        result.completeExceptionally(error);
        return;
      }
      CompletableFuture.delayedExecutor(wait.get().toNanos(), TimeUnit.NANOSECONDS)
          .execute(
              () -> {
                if (!result.isDone()) {
                  attempt(number + 1);
                }
              });
    }
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }

  private static final class AsyncAttempt extends Attempt {
    private final Channel channel;
    private final CallOptions options;

    AsyncAttempt(Channel channel, Deadline until) {
      this.channel = channel;
      this.options = CallOptions.DEFAULT.withDeadline(until);
    }

    @Override
    <Q, R> CompletableFuture<R> send(MethodDescriptor<Q, R> method, Q request) {
      Reply<R> reply = new Reply<>();
      ClientCalls.asyncUnaryCall(channel.newCall(method, options), request, reply);
      return reply.future;
    }
  }

  private static final class Reply<R> implements StreamObserver<R> {
    private final CompletableFuture<R> future = new CompletableFuture<>();
    private R message;

    @Override
    public void onNext(R value) {
      message = value;
    }

    @Override
    public void onError(Throwable failure) {
      future.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      future.complete(message);
    }
  }
}
