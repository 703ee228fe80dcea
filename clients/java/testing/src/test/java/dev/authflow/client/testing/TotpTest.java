package dev.authflow.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.authflow.stand.Authenticator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TotpTest {
  private static final byte[] SECRET = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

  /** Those of RFC 6238, appendix B, of which six digits are the last. */
  @ParameterizedTest
  @CsvSource({
    "59,287082",
    "1111111109,081804",
    "1111111111,050471",
    "1234567890,005924",
    "2000000000,279037",
    "20000000000,353130"
  })
  void codesAreThoseOfTheStandard(long seconds, String code) {
    Instant at = Instant.ofEpochSecond(seconds);
    assertEquals(code, Totp.code(SECRET, Totp.step(at)));
    assertEquals(code, new Authenticator(Base32.RFC_4648.encode(SECRET)).code(at));
  }

  @Test
  void aClockMayBeOffByAStep() {
    Instant now = Instant.parse("2030-01-02T03:04:05Z");
    long step = Totp.step(now);
    for (long off = -2; off <= 2; off += 1) {
      OptionalLong taken = Math.abs(off) <= 1 ? OptionalLong.of(step + off) : OptionalLong.empty();
      assertEquals(taken, Totp.stepOf(Totp.code(SECRET, step + off), SECRET, now, -1));
    }
    assertEquals(OptionalLong.empty(), Totp.stepOf(Totp.code(SECRET, step), SECRET, now, step));
    assertEquals(OptionalLong.empty(), Totp.stepOf(Totp.code(SECRET, step - 1), SECRET, now, step));
  }

  /** Those of RFC 4648, section 10, without padding. */
  @ParameterizedTest
  @CsvSource({"f,MY", "fo,MZXQ", "foo,MZXW6", "foob,MZXW6YQ", "fooba,MZXW6YTB", "foobar,MZXW6YTBOI"})
  void base32IsThatOfTheStandard(String octets, String text) {
    assertEquals(text, Base32.RFC_4648.encode(octets.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void crockfordsHasNoLettersThatLookLikeDigits() {
    assertEquals("CSQPYRK1E8", Base32.CROCKFORD.encode("foobar".getBytes(StandardCharsets.US_ASCII)));
  }
}
