package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import dev.authflow.v1.ValidateResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RememberedSessionsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void forgetsWhatWasAskedLongAgo() {
    RememberedSessions sessions = new RememberedSessions(SECOND);
    SessionUser user = userUntil(Instant.now().plusSeconds(60));
    sessions.put("recent", user, System.nanoTime());
    sessions.put("old", user, System.nanoTime() - SECOND.toNanos());
    assertEquals(user, sessions.get("recent").orElseThrow());
    assertTrue(sessions.get("old").isEmpty());
    assertTrue(sessions.get("never").isEmpty());
  }

  @Test
  void remembersNoSessionBeyondItsExpiry() {
    RememberedSessions sessions = new RememberedSessions(SECOND);
    sessions.put("over", userUntil(Instant.now().minusSeconds(1)), System.nanoTime());
    assertTrue(sessions.get("over").isEmpty());
  }

  @Test
  void remembersTenThousandAtMost() {
    RememberedSessions sessions = new RememberedSessions(SECOND);
    SessionUser user = userUntil(Instant.now().plusSeconds(60));
    // As if asked in a minute, so that only their number can push one out.
    long asked = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    for (int number = 0; number <= 10_000; number += 1) {
      sessions.put("token " + number, user, asked);
    }
    assertTrue(sessions.get("token 0").isEmpty());
    assertTrue(sessions.get("token 1").isPresent());
    assertTrue(sessions.get("token 10000").isPresent());
  }

  private static SessionUser userUntil(Instant expiry) {
    Timestamp expiresAt = Timestamp.newBuilder().setSeconds(expiry.getEpochSecond()).build();
    return SessionUser.from(ValidateResponse.newBuilder().setExpiresAt(expiresAt).build());
  }
}
