package dev.authflow.client;

import io.grpc.MethodDescriptor;
import java.util.concurrent.CompletableFuture;

/** One attempt at a call. */
abstract class Attempt {
  private boolean lostReplyIsSafe = true;

  /** Sends a request within the call's deadline. Whether the future is completed already is the attempt's to choose. */
  abstract <Q, R> CompletableFuture<R> send(MethodDescriptor<Q, R> method, Q request);

  /** From here on a lost reply may hide that the call was done, and it must not be done twice. */
  final void mustNotBeDoneTwice() {
    lostReplyIsSafe = false;
  }

  final boolean lostReplyIsSafe() {
    return lostReplyIsSafe;
  }
}
