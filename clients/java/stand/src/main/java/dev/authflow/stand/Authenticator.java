package dev.authflow.stand;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import java.math.BigInteger;
import java.security.InvalidKeyException;
import java.security.Key;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import javax.crypto.spec.SecretKeySpec;

/** An authenticator app, by another's hand. */
public final class Authenticator {
  private static final String BASE_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final TimeBasedOneTimePasswordGenerator GENERATOR = new TimeBasedOneTimePasswordGenerator();

  private final Key key;

  /** With a secret in base32, whose octets are whole. */
  public Authenticator(String secret) {
    BigInteger bits = BigInteger.ONE;
    for (char digit : secret.toCharArray()) {
      bits = bits.shiftLeft(5).or(BigInteger.valueOf(BASE_32.indexOf(digit)));
    }
    // Behind the one that keeps zeros in front.
    byte[] octets = bits.toByteArray();
    key = new SecretKeySpec(Arrays.copyOfRange(octets, 1, octets.length), GENERATOR.getAlgorithm());
  }

  /** What it shows at this time. */
  public String code(Instant at) {
    try {
      return GENERATOR.generateOneTimePasswordString(key, at);
    } catch (InvalidKeyException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** What it does not show within a minute of this time. */
  public String wrongCode(Instant at) {
    for (int code = 0; ; code += 1) {
      String wrong = String.format(Locale.ROOT, "%06d", code);
      boolean isShown = false;
      for (int seconds = -60; seconds <= 60; seconds += 30) {
        isShown |= code(at.plusSeconds(seconds)).equals(wrong);
      }
      if (!isShown) {
        return wrong;
      }
    }
  }
}
