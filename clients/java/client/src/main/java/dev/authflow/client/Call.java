package dev.authflow.client;

import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** A call by its name, and the steps of one attempt at it. */
final class Call<T> {
  private final String name;
  private final Function<Attempt, CompletableFuture<T>> steps;

  Call(String name, Function<Attempt, CompletableFuture<T>> steps) {
    this.name = name;
    this.steps = steps;
  }

  /** A call of one request, which a lost reply lets be repeated. */
  static <Q, R, T> Call<T> of(String name, MethodDescriptor<Q, R> method, Q request, Function<R, T> read) {
    return new Call<>(name, attempt -> attempt.send(method, request).thenApply(read));
  }

  /** A call of one request that must not be done twice. */
  static <Q, R, T> Call<T> once(String name, MethodDescriptor<Q, R> method, Q request, Function<R, T> read) {
    return new Call<>(
        name,
        attempt -> {
          attempt.mustNotBeDoneTwice();
          return attempt.send(method, request).thenApply(read);
        });
  }

  /** The same, where an error that brings a challenge is no failure but a step of a login. */
  static Call<LoginStep> stepwise(Call<LoginStep> call) {
    return new Call<>(
        call.name,
        attempt ->
            call.begin(attempt).handle((step, failure) -> failure == null ? step : challenged(failure)));
  }

  private static LoginStep challenged(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return Optional.of(cause)
        .filter(StatusRuntimeException.class::isInstance)
        .map(answered -> ErrorDetails.of((StatusRuntimeException) answered).challenge())
        .map(LoginStep::of)
        .orElseThrow(() -> new CompletionException(cause));
  }

  String name() {
    return name;
  }

  /** Makes one attempt. Fails with gRPC's own exception where the server, or nobody, answered. */
  CompletableFuture<T> begin(Attempt attempt) {
    return steps.apply(attempt);
  }
}
