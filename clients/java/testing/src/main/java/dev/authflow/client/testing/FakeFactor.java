package dev.authflow.client.testing;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** A second factor, from its secret on: that it is confirmed is the user's to know. */
final class FakeFactor {
  private static final SecureRandom RANDOM = new SecureRandom();
  // A server's.
  private static final int OCTETS_OF_SECRET = 20;
  private static final int OCTETS_OF_RECOVERY_CODE = 10;
  private static final int RECOVERY_CODES = 10;

  private final byte[] secret = random(OCTETS_OF_SECRET);
  private final Instant confirmableUntil;
  private final Set<String> recoveryCodes = new HashSet<>();
  private long lastStep = -1;

  FakeFactor(Instant confirmableUntil) {
    this.confirmableUntil = confirmableUntil;
  }

  String secret() {
    return Base32.RFC_4648.encode(secret);
  }

  Instant confirmableUntil() {
    return confirmableUntil;
  }

  /** What the user's app shows: the earliest from now on that was not used. */
  String code(Instant now) {
    return Totp.code(secret, Math.max(Totp.step(now), lastStep + 1));
  }

  boolean takesTotp(String code, Instant now) {
    OptionalLong step = Totp.stepOf(code, secret, now, lastStep);
    step.ifPresent(used -> lastStep = used);
    return step.isPresent();
  }

  /** Once. */
  boolean takesRecovery(String code) {
    return recoveryCodes.remove(code);
  }

  int recoveryCodesLeft() {
    return recoveryCodes.size();
  }

  /** In the place of those before, as they are shown. */
  List<String> newRecoveryCodes() {
    recoveryCodes.clear();
    while (recoveryCodes.size() < RECOVERY_CODES) {
      recoveryCodes.add(Base32.CROCKFORD.encode(random(OCTETS_OF_RECOVERY_CODE)));
    }
    return recoveryCodes.stream().map(RecoveryCode::shown).collect(Collectors.toUnmodifiableList());
  }

  static String sixDigits() {
    return String.format(Locale.ROOT, "%06d", RANDOM.nextInt(1_000_000));
  }

  private static byte[] random(int octets) {
    byte[] bytes = new byte[octets];
    RANDOM.nextBytes(bytes);
    return bytes;
  }
}
