package dev.authflow.client;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Sessions that were valid a moment ago, by their tokens' SHA-256, so that a dump of the memory opens none. */
final class RememberedSessions {
  private static final Duration LONGEST = Duration.ofSeconds(1);
  private static final int MOST = 10_000;

  private final long rememberNanos;
  /** In the order in which they were asked for, near enough: the first is the first to be forgotten. */
  private final Map<String, Remembered> sessions = new LinkedHashMap<>();

  RememberedSessions(Duration remember) {
    if (remember.isNegative() || remember.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("a session is remembered for a second at most");
    }
    this.rememberNanos = remember.toNanos();
  }

  Optional<SessionUser> get(String token) {
    if (rememberNanos == 0) {
      return Optional.empty();
    }
    Remembered found;
    synchronized (sessions) {
      found = sessions.get(digest(token));
    }
    return Optional.ofNullable(found).filter(this::counts).map(session -> session.user);
  }

  /** Remembers from the moment of asking, not of the answer: the session may have ended in between. */
  void put(String token, SessionUser user, long askedAtNanos) {
    if (rememberNanos == 0) {
      return;
    }
    String digest = digest(token);
    synchronized (sessions) {
      sessions.remove(digest);
      sessions.put(digest, new Remembered(user, askedAtNanos));
      forgetOldest();
    }
  }

  private void forgetOldest() {
    Iterator<Remembered> byAge = sessions.values().iterator();
    while (byAge.hasNext()) {
      Remembered oldest = byAge.next();
      if (sessions.size() <= MOST && counts(oldest)) {
        return;
      }
      byAge.remove();
    }
  }

  private boolean counts(Remembered session) {
    return System.nanoTime() - session.askedAtNanos < rememberNanos && Instant.now().isBefore(session.user.expiresAt());
  }

  private static String digest(String token) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java has SHA-256", impossible);
    }
  }

  private static final class Remembered {
    private final SessionUser user;
    private final long askedAtNanos;

    private Remembered(SessionUser user, long askedAtNanos) {
      this.user = user;
      this.askedAtNanos = askedAtNanos;
    }
  }
}
