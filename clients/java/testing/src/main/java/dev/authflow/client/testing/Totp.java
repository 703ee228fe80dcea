package dev.authflow.client.testing;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The codes of an authenticator app: RFC 6238 with SHA-1, six digits and 30 seconds. */
final class Totp {
  private static final long SECONDS_OF_STEP = 30;
  /** How far the app's clock may be off, in steps. */
  private static final long DRIFT = 1;
  private static final int MODULUS = 1_000_000;

  private Totp() {}

  static long step(Instant at) {
    return Math.floorDiv(at.getEpochSecond(), SECONDS_OF_STEP);
  }

  static String code(byte[] secret, long step) {
    byte[] hash = hash(secret, step);
    int offset = hash[hash.length - 1] & 0xf;
    int truncated = ByteBuffer.wrap(hash).getInt(offset) & Integer.MAX_VALUE;
    return String.format(Locale.ROOT, "%06d", truncated % MODULUS);
  }

  /** The step that a code is of, now or next to it, and after one that was used; empty where it is of none. */
  static OptionalLong stepOf(String code, byte[] secret, Instant now, long lastUsed) {
    return LongStream.rangeClosed(step(now) - DRIFT, step(now) + DRIFT)
        .filter(step -> step > lastUsed && code(secret, step).equals(code))
        .findFirst();
  }

  private static byte[] hash(byte[] secret, long step) {
    try {
      Mac hmac = Mac.getInstance("HmacSHA1");
      hmac.init(new SecretKeySpec(secret, "HmacSHA1"));
      return hmac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(step).array());
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("every Java has HmacSHA1", missing);
    }
  }
}
