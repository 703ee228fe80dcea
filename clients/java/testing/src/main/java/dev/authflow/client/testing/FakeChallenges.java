package dev.authflow.client.testing;

import dev.authflow.client.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The challenges of logins. For one thread at a time. */
final class FakeChallenges {
  // A server's.
  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final int TRIES = 5;
  private static final int MOST_OF_USER = 10;

  private final FakeStore store;
  /** In the order in which they were made. */
  private final Map<String, Entry> challenges = new LinkedHashMap<>();
  /** The latest of each address that a login's code was mailed to, or would have been. */
  private final Map<String, String> byAddress = new HashMap<>();

  FakeChallenges(FakeStore store) {
    this.store = store;
  }

  /** A challenge of a user, which takes these methods. */
  Entry issue(FakeUser user, Set<String> opens) {
    List<Entry> others =
        challenges.values().stream().filter(other -> other.user == user && isGood(other)).collect(Collectors.toList());
    others.stream().limit(Math.max(0, others.size() + 1 - MOST_OF_USER)).forEach(this::spend);
    return keep(new Entry(user, opens, false));
  }

  /** A challenge of a login by mail, of nobody too. */
  Entry issueByMail(String address, FakeUser user, Set<String> opens) {
    challenges.remove(byAddress.get(address));
    Entry entry = keep(new Entry(user, opens, true));
    byAddress.put(address, entry.token);
    return entry;
  }

  /** The challenge of a token that takes a method, and is good. */
  Entry open(String token, String method) {
    Entry entry = challenges.get(token);
    if (entry == null || !isGood(entry) || !entry.opens.contains(method)) {
      throw Refusals.because(Reason.CHALLENGE_INVALID);
    }
    return entry;
  }

  boolean isChallenge(String token) {
    return token.startsWith(Entry.BEGINNING);
  }

  void spend(Entry entry) {
    challenges.remove(entry.token);
  }

  private Entry keep(Entry entry) {
    challenges.put(entry.token, entry);
    return entry;
  }

  private boolean isGood(Entry entry) {
    return store.now().isBefore(entry.expiresAt) && entry.triesLeft > 0 && (entry.user == null || isBound(entry));
  }

  private boolean isBound(Entry entry) {
    FakeUser user = entry.user;
    return store.users.get(user.email) == user
        && !user.isDisabled
        && user.credentialVersion() == entry.credentialVersion;
  }

  /** One challenge. */
  final class Entry {
    private static final String BEGINNING = "fake.challenge.";

    final String token = BEGINNING + UUID.randomUUID();
    final Instant expiresAt = store.now().plus(LIFE);
    /** Null where a login's code was asked for an address that is nobody's. */
    final FakeUser user;
    /** Of a login by mail: the code is its first proof, and no second one. */
    final boolean isByMail;
    private final Set<String> opens;
    private final int credentialVersion;
    private int triesLeft = TRIES;
    private String mailedCode = "";

    private Entry(FakeUser user, Set<String> opens, boolean isByMail) {
      this.user = user;
      this.opens = opens;
      this.isByMail = isByMail;
      this.credentialVersion = user == null ? 0 : user.credentialVersion();
    }

    void takeTry() {
      triesLeft -= 1;
    }

    /** Another code in the place of the one before; it is good as long as its challenge, which was there before it. */
    void mail(String code) {
      mailedCode = code;
    }

    boolean isMailed(String code) {
      return !mailedCode.isEmpty() && mailedCode.equals(code);
    }
  }
}
