package dev.authflow.client.testing;

import dev.authflow.client.AuthFlowException;
import dev.authflow.client.Challenge;
import dev.authflow.client.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** The challenges of logins. For one thread at a time. */
final class FakeChallenges {
  // A server's.
  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final int MOST_TRIES = 5;
  private static final int MOST_OF_USER = 10;

  /** What a challenge is for. */
  enum Kind {
    SECOND_FACTOR,
    CHANGE_PASSWORD,
    /** Of {@code sendLoginCode}, before anything was proven. */
    LOGIN_CODE
  }

  private final FakeStore store;
  /** In the order in which they were made. */
  private final Map<String, Entry> challenges = new LinkedHashMap<>();

  FakeChallenges(FakeStore store) {
    this.store = store;
  }

  /** A challenge of a user. Beyond those that one may have the oldest goes. */
  Entry issue(Kind kind, FakeUser user, boolean isByMail, boolean isEmailProven) {
    List<Entry> others =
        challenges.values().stream()
            .filter(other -> other.kind != Kind.LOGIN_CODE && other.user == user && isBound(other))
            .collect(Collectors.toList());
    others.stream().limit(Math.max(0, others.size() + 1 - MOST_OF_USER)).forEach(this::spend);
    return keep(new Entry(kind, user, isByMail, isEmailProven));
  }

  /** That of a login by mail, of nobody too. */
  Entry issueForCode(FakeUser user) {
    return keep(new Entry(Kind.LOGIN_CODE, user, true, false));
  }

  /** The challenge of a token that takes a method. */
  Entry open(String token, String method) {
    Entry entry = challenges.get(token);
    boolean isGood = entry != null && store.now().isBefore(entry.expiresAt) && entry.tries < MOST_TRIES;
    // That of a login by mail which is void takes codes as one of nobody does: none of them is right.
    if (!isGood || !entry.takes(method) || entry.kind != Kind.LOGIN_CODE && !isBound(entry)) {
      throw Refusals.because(Reason.CHALLENGE_INVALID);
    }
    return entry;
  }

  /** The latest code of a user is good alone, whatever challenge it is for. */
  boolean isMailed(Entry entry, String code) {
    FakeUser user = entry.user;
    return user != null && isBound(entry) && user.mailedFor == entry && user.mailedCode.equals(code);
  }

  static boolean isChallenge(String token) {
    return token.startsWith(Entry.BEGINNING);
  }

  void spend(Entry entry) {
    challenges.remove(entry.token);
  }

  private Entry keep(Entry entry) {
    challenges.put(entry.token, entry);
    return entry;
  }

  private boolean isBound(Entry entry) {
    FakeUser user = entry.user;
    return store.now().isBefore(entry.expiresAt)
        && store.users.get(user.email) == user
        && !user.isDisabled
        && user.credentialVersion() == entry.credentialVersion;
  }

  /** One challenge. */
  final class Entry {
    private static final String BEGINNING = "fake.challenge.";

    final String token = BEGINNING + UUID.randomUUID();
    final Instant expiresAt = store.now().plus(LIFE);
    final Kind kind;
    /** Null where a login's code was asked for an address that is nobody's. */
    final FakeUser user;
    /** Whether a mail was the first proof of the login, and not a password. */
    final boolean isByMail;
    /** Whether the login has proven the address. */
    final boolean isEmailProven;
    private final int credentialVersion;
    private int tries;

    private Entry(Kind kind, FakeUser user, boolean isByMail, boolean isEmailProven) {
      this.kind = kind;
      this.user = user;
      this.isByMail = isByMail;
      this.isEmailProven = isEmailProven;
      this.credentialVersion = user == null ? 0 : user.credentialVersion();
    }

    /** A mailbox is no second factor beside itself. */
    List<String> methods() {
      if (kind != Kind.SECOND_FACTOR) {
        return List.of(kind == Kind.LOGIN_CODE ? Challenge.EMAIL : Challenge.CHANGE_PASSWORD);
      }
      if (user.factor != null) {
        return user.emailVerified && !isByMail && !user.isMailNoFactor
            ? List.of(Challenge.TOTP, Challenge.EMAIL, Challenge.RECOVERY)
            : List.of(Challenge.TOTP, Challenge.RECOVERY);
      }
      return user.emailVerified && !isEmailProven
          ? List.of(Challenge.EMAIL, Challenge.SETUP)
          : List.of(Challenge.SETUP);
    }

    /** A setup is taken where nothing stands before it. */
    private boolean takes(String method) {
      return method.equals(Challenge.SETUP) ? methods().indexOf(method) == 0 : methods().contains(method);
    }

    void countTry() {
      tries += 1;
    }

    /** What the login that it is handed out to is answered. */
    AuthFlowException error() {
      String reason =
          kind == Kind.SECOND_FACTOR ? Reason.SECOND_FACTOR_REQUIRED : Reason.PASSWORD_CHANGE_REQUIRED;
      return Refusals.withChallenge(reason, token, methods(), expiresAt);
    }
  }
}
