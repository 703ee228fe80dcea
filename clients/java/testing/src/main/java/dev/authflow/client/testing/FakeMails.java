package dev.authflow.client.testing;

import dev.authflow.client.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What would have been sent, and what its tokens stand for. For one thread at a time. */
final class FakeMails {
  /** A server's. */
  private static final Map<Mail.Kind, Duration> LIVES =
      Map.of(
          Mail.Kind.VERIFY, Duration.ofDays(1),
          Mail.Kind.RESET, Duration.ofMinutes(30),
          Mail.Kind.CHANGE_EMAIL, Duration.ofHours(1));

  private final FakeStore store;
  private final List<Mail> mails = new ArrayList<>();
  private final Map<String, Token> tokens = new HashMap<>();

  FakeMails(FakeStore store) {
    this.store = store;
  }

  List<Mail> all() {
    return List.copyOf(mails);
  }

  void send(Mail.Kind kind, FakeUser user, String to) {
    String token = "fake.mail." + UUID.randomUUID();
    tokens.put(token, new Token(kind, user, to, store.now().plus(LIVES.get(kind))));
    mails.add(new Mail(kind, to, token, ""));
  }

  /** Six digits, which are given. */
  String sendCode(Mail.Kind kind, String to) {
    String code = FakeFactor.sixDigits();
    mails.add(new Mail(kind, to, "", code));
    return code;
  }

  /** What a token stands for that is of one of the kinds, and not void. */
  Token open(String text, Mail.Kind first, Mail.Kind... others) {
    Set<Mail.Kind> kinds = EnumSet.of(first, others);
    Token token = tokens.get(text);
    if (token == null || !kinds.contains(token.kind)) {
      throw Refusals.because(Reason.TOKEN_INVALID);
    }
    if (!store.now().isBefore(token.expiresAt)) {
      throw Refusals.because(Reason.TOKEN_EXPIRED);
    }
    // That of a verification is bound to the address alone.
    boolean isVoid = token.kind != Mail.Kind.VERIFY && token.credentialVersion != token.user.credentialVersion();
    if (isVoid || token.user.isDisabled || store.users.get(token.email) != token.user) {
      throw Refusals.because(Reason.TOKEN_INVALID);
    }
    return token;
  }

  static final class Token {
    final Mail.Kind kind;
    final FakeUser user;
    /** The address that it proves. */
    final String newEmail;
    private final String email;
    private final int credentialVersion;
    private final Instant expiresAt;

    private Token(Mail.Kind kind, FakeUser user, String newEmail, Instant expiresAt) {
      this.kind = kind;
      this.user = user;
      this.newEmail = newEmail;
      this.email = user.email;
      this.credentialVersion = user.credentialVersion();
      this.expiresAt = expiresAt;
    }
  }
}
