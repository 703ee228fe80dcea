package dev.authflow.client;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/** Protobuf's instants as Java's. */
final class Instants {
  private Instants() {}

  static Instant of(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }
}
