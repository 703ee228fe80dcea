package dev.authflow.client;

import dev.authflow.v1.AuthServiceGrpc.AuthServiceBlockingStub;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Makes calls within one deadline, and repeats what is safe to repeat: what the server says it refused, and what was lost
 * and does no harm twice.
 */
final class Calls {
  private static final int MAX_ATTEMPTS = 3;
  private static final long FIRST_BACKOFF_MS = 100;
  private static final long LONGEST_BACKOFF_MS = 1_000;

  private final AuthServiceBlockingStub stub;
  private final Duration deadline;
  private final RetryBudget budget = new RetryBudget();

  Calls(AuthServiceBlockingStub stub, Duration deadline) {
    this.stub = stub;
    this.deadline = deadline;
  }

  /** Runs the steps of a call, its nonce among them, until an attempt succeeds or must be the last. */
  <T> T make(Function<Attempt, T> steps) {
    Deadline until = deadlineOfCall();
    for (int number = 1; ; number += 1) {
      Attempt attempt = new Attempt(stub.withDeadline(until));
      try {
        T result = steps.apply(attempt);
        budget.giveBack();
        return result;
      } catch (StatusRuntimeException failure) {
        AuthFlowException error = AuthFlowException.from(failure);
        Optional<Duration> wait = waitBeforeRepeat(error, attempt, number);
        if (wait.isEmpty() || number == MAX_ATTEMPTS || outlasts(until, wait.get()) || !budget.take()) {
          throw error;
        }
        pause(wait.get(), error);
      }
    }
  }

  /** One attempt at a call. */
  static final class Attempt {
    private final AuthServiceBlockingStub stub;
    private boolean lostReplyIsSafe = true;

    private Attempt(AuthServiceBlockingStub stub) {
      this.stub = stub;
    }

    AuthServiceBlockingStub stub() {
      return stub;
    }

    /** From here on a lost reply may hide that the call was done, and it must not be done twice. */
    void mustNotBeDoneTwice() {
      lostReplyIsSafe = false;
    }
  }

  /** A caller that serves a request itself has less time than the client would take. */
  private Deadline deadlineOfCall() {
    Deadline own = Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS);
    Deadline callers = Context.current().getDeadline();
    return callers == null ? own : own.minimum(callers);
  }

  private static Optional<Duration> waitBeforeRepeat(AuthFlowException error, Attempt attempt, int repeat) {
    if (error.retryAfter().isPresent()) {
      return error.retryAfter();
    }
    boolean nothingWasDone = !error.reason().isEmpty();
    if (error.code() == Status.Code.UNAVAILABLE && (nothingWasDone || attempt.lostReplyIsSafe)) {
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
}
