package dev.authflow.client.testing;

import com.google.protobuf.Timestamp;
import dev.authflow.client.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Users and sessions in memory. For one thread at a time. */
final class FakeStore {
  static final Duration SESSION_LIFE = Duration.ofDays(7);

  final String orgId = UUID.randomUUID().toString();
  final Map<String, FakeUser> users = new HashMap<>();
  private final Clock clock;
  /** In the order of their logins. */
  private final List<FakeSession> sessions = new ArrayList<>();
  private final Map<String, FakeSession.Token> tokens = new HashMap<>();

  FakeStore(Clock clock) {
    this.clock = clock;
  }

  Instant now() {
    return clock.instant();
  }

  FakeSession open(FakeUser user) {
    FakeSession session = new FakeSession(user, now(), now().plus(SESSION_LIFE));
    sessions.add(session);
    return session;
  }

  /** Another token of a session. */
  String tokenFor(FakeSession session) {
    String token = FakeTokens.newToken(session.user.email);
    tokens.put(token, new FakeSession.Token(session));
    return token;
  }

  FakeSession.Token live(String token, String email) {
    FakeSession.Token found = known(token, email);
    if (!now().isBefore(found.expiresAt)) {
      throw Refusals.because(Reason.SESSION_EXPIRED);
    }
    if (found.session.isEnded) {
      throw Refusals.because(Reason.SESSION_REVOKED);
    }
    return found;
  }

  FakeSession.Token known(String token, String email) {
    return Optional.ofNullable(tokens.get(token))
        .filter(found -> found.session.user.email.equals(email))
        .orElseThrow(() -> Refusals.because(Reason.SESSION_INVALID));
  }

  /** As the client reads it from the claims: tokens that were never given out name nobody. */
  String claimedEmail(String token) {
    return Optional.ofNullable(tokens.get(token))
        .map(found -> found.email)
        .orElseThrow(() -> Refusals.because(Reason.SESSION_INVALID));
  }

  /** The oldest first. */
  List<FakeSession> liveSessions(FakeUser user) {
    return sessions.stream()
        .filter(session -> session.user == user && !session.isEnded && now().isBefore(session.expiresAt))
        .collect(Collectors.toList());
  }

  /** Ends those live sessions of a user that are meant, and counts them. */
  int end(FakeUser user, Predicate<FakeSession> isMeant) {
    List<FakeSession> ended = liveSessions(user).stream().filter(isMeant).collect(Collectors.toList());
    ended.forEach(session -> session.isEnded = true);
    return ended.size();
  }

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder().setSeconds(instant.getEpochSecond()).build();
  }
}
