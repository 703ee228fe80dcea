package dev.authflow.client;

import dev.authflow.v1.FooBarResponse;
import java.time.Instant;

/** A nonce: good for one sign-up or one login. */
public final class Nonce {
  private final String token;
  private final Instant expiresAt;

  Nonce(FooBarResponse reply) {
    token = reply.getToken();
    expiresAt = Instants.of(reply.getExpiresAt());
  }

  /** What SignUp and Login take as {@code foobar}. */
  public String token() {
    return token;
  }

  /** When it stops being accepted. */
  public Instant expiresAt() {
    return expiresAt;
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Nonce[expiresAt=" + expiresAt + "]";
  }
}
