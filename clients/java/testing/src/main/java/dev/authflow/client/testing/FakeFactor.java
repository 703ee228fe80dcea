package dev.authflow.client.testing;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A second factor, from its secret on: that it is confirmed is the user's to know. */
final class FakeFactor {
  private static final SecureRandom RANDOM = new SecureRandom();
  // A server's.
  private static final int OCTETS_OF_SECRET = 20;
  private static final int OCTETS_OF_RECOVERY_CODE = 10;
  private static final int RECOVERY_CODES = 10;
  private static final Pattern GROUPS = Pattern.compile("(?<=\\G.{4})(?=.)");

  private final byte[] secret = random(OCTETS_OF_SECRET);
  private final Instant confirmableUntil;
  private Set<String> recoveryCodes = Set.of();
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

  /** In any spelling, once. */
  boolean takesRecovery(String code) {
    String spelt =
        code.toUpperCase(Locale.ROOT).replaceAll("[\\s-]", "").replace('O', '0').replaceAll("[IL]", "1");
    if (!recoveryCodes.contains(spelt)) {
      return false;
    }
    recoveryCodes = recoveryCodes.stream().filter(other -> !other.equals(spelt)).collect(Collectors.toSet());
    return true;
  }

  int recoveryCodesLeft() {
    return recoveryCodes.size();
  }

  /** In the place of those before, in groups. */
  List<String> newRecoveryCodes() {
    recoveryCodes =
        Stream.generate(() -> Base32.CROCKFORD.encode(random(OCTETS_OF_RECOVERY_CODE)))
            .distinct()
            .limit(RECOVERY_CODES)
            .collect(Collectors.toSet());
    return recoveryCodes.stream()
        .map(code -> GROUPS.matcher(code).replaceAll("-"))
        .collect(Collectors.toUnmodifiableList());
  }

  static String sixDigits() {
    return String.format("%06d", RANDOM.nextInt(1_000_000));
  }

  private static byte[] random(int octets) {
    byte[] bytes = new byte[octets];
    RANDOM.nextBytes(bytes);
    return bytes;
  }
}
