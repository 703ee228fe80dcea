package dev.authflow.client;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A call by its name, and the steps of one attempt at it. */
final class Call<T> {
  private final String name;
  private final Function<Attempt, CompletableFuture<T>> steps;

  Call(String name, Function<Attempt, CompletableFuture<T>> steps) {
    this.name = name;
    this.steps = steps;
  }

  String name() {
    return name;
  }

  /** Makes one attempt. Fails with gRPC's own exception where the server, or nobody, answered. */
  CompletableFuture<T> begin(Attempt attempt) {
    return steps.apply(attempt);
  }
}
