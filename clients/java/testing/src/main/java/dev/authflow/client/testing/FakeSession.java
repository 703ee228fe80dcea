package dev.authflow.client.testing;

import java.time.Instant;
import java.util.UUID;

/** A session of the fake. */
final class FakeSession {
  final String id = UUID.randomUUID().toString();
  final FakeUser user;
  final Instant createdAt;
  Instant expiresAt;
  boolean isEnded;

  FakeSession(FakeUser user, Instant createdAt, Instant expiresAt) {
    this.user = user;
    this.createdAt = createdAt;
    this.expiresAt = expiresAt;
  }

  /** A token, which ends by itself: a renewed session has several. */
  static final class Token {
    final FakeSession session;
    /** What it claims: the user's when it was made. */
    final String email;
    final Instant expiresAt;

    Token(FakeSession session) {
      this.session = session;
      this.email = session.user.email;
      this.expiresAt = session.expiresAt;
    }
  }
}
