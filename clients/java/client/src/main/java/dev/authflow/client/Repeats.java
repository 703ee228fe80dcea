package dev.authflow.client;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Decides what is repeated, and when: what the server says it refused, and what was lost and does no harm twice; within one
 * deadline, and from one budget.
 */
final class Repeats {
  private static final int MAX_ATTEMPTS = 3;
  private static final long FIRST_BACKOFF_MS = 100;
  private static final long LONGEST_BACKOFF_MS = 1_000;

  private final Duration deadline;
  private final Consumer<Retry> onRetry;
  private final RetryBudget budget = new RetryBudget();

  Repeats(Duration deadline, Consumer<Retry> onRetry) {
    this.deadline = deadline;
    this.onRetry = onRetry;
  }

  /** The end of a call that begins now. A caller that serves a request itself has less time than the client would take. */
  Deadline deadline() {
    Deadline own = Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS);
    Deadline callers = Context.current().getDeadline();
    return callers == null ? own : own.minimum(callers);
  }

  void succeeded() {
    budget.giveBack();
  }

  /** How long to wait before a repeat, which is told; empty where the error is the call's. */
  Optional<Duration> waitAfter(AuthFlowException error, Call<?> call, Attempt attempt, int number, Deadline until) {
    if (number == MAX_ATTEMPTS) {
      return Optional.empty();
    }
    Optional<Duration> wait =
        waitFor(error, attempt, number).filter(fits -> !outlasts(until, fits)).filter(fits -> budget.take());
    wait.ifPresent(delay -> tell(new Retry(call.name(), number, error, delay)));
    return wait;
  }

  private static Optional<Duration> waitFor(AuthFlowException error, Attempt attempt, int repeat) {
    if (error.reason().equals(Reason.ACCOUNT_LOCKED)) {
      return Optional.empty();
    }
    if (error.retryAfter().isPresent()) {
      return error.retryAfter();
    }
    boolean nothingWasDone = !error.reason().isEmpty();
    if (error.code() == Status.Code.UNAVAILABLE && (nothingWasDone || attempt.lostReplyIsSafe())) {
      return Optional.of(backoff(repeat));
    }
    return Optional.empty();
  }

  private static Duration backoff(int repeat) {
    long wholeMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS << (repeat - 1));
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(wholeMs / 2, wholeMs + 1));
  }

  private static boolean outlasts(Deadline until, Duration wait) {
    return wait.compareTo(Duration.ofNanos(until.timeRemaining(TimeUnit.NANOSECONDS))) >= 0;
  }

  private void tell(Retry retry) {
    try {
      onRetry.accept(retry);
    } catch (RuntimeException fault) {
      // The hook's fault must not become the call's.
      System.getLogger(AuthFlowClient.class.getName()).log(System.Logger.Level.WARNING, "onRetry has failed", fault);
    }
  }
}
