package dev.authflow.client;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many repeats a client has left, so that an outage is not met with a storm. Counted in tenths, which add up where
 * fractions would not.
 */
final class RetryBudget {
  private static final int REPEAT = 10;
  private static final int FULL = 10 * REPEAT;

  private final AtomicInteger tenths = new AtomicInteger(FULL);

  /** Takes a repeat, where a whole one is left. */
  boolean take() {
    return tenths.getAndUpdate(left -> left >= REPEAT ? left - REPEAT : left) >= REPEAT;
  }

  /** Gives back what a call that succeeded earns. */
  void giveBack() {
    tenths.updateAndGet(left -> Math.min(FULL, left + 1));
  }
}
