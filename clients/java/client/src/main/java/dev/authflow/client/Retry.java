package dev.authflow.client;

import io.grpc.Status;
import java.time.Duration;

/** A repeat that is about to be made, once its wait is over. */
public final class Retry {
  private final String call;
  private final int attempt;
  private final AuthFlowException error;
  private final Duration delay;

  Retry(String call, int attempt, AuthFlowException error, Duration delay) {
    this.call = call;
    this.attempt = attempt;
    this.error = error;
    this.delay = delay;
  }

  /** The call that is repeated, such as {@code Login}. */
  public String call() {
    return call;
  }

  /** The number of the attempt that failed; the first is 1. */
  public int attempt() {
    return attempt;
  }

  /** Why it failed, as {@link AuthFlowException#reason} tells: empty where the server gave no reason. */
  public String reason() {
    return error.reason();
  }

  /** The kind of failure. */
  public Status.Code code() {
    return error.code();
  }

  /** How long the client waits before the repeat. */
  public Duration delay() {
    return delay;
  }

  @Override
  public String toString() {
    String why = reason().isEmpty() ? code().name() : reason();
    return "Retry[" + call + ", attempt " + attempt + ": " + why + ", waits " + delay + "]";
  }
}
