package dev.authflow.client.testing;

import dev.authflow.client.Reason;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The server's policy for new passwords: docs/contract.md, section 3. */
final class PasswordPolicy {
  private static final int FEWEST_CODE_POINTS = 8;
  private static final int MOST_CODE_POINTS = 32;
  /** In the server's order: of several broken rules the first is told. */
  private static final List<Map.Entry<Pattern, String>> RULES =
      List.of(
          rule("\\P{Cc}*", "The password must not hold control characters."),
          rule(".*\\p{Lu}.*", "The password needs an upper-case letter."),
          rule(".*\\p{Ll}.*", "The password needs a lower-case letter."),
          rule(".*\\p{Nd}.*", "The password needs a digit."),
          rule(".*[^\\p{L}\\p{N}].*", "The password needs a special character."));

  private PasswordPolicy() {}

  /** Refuses a password that breaks a rule, which is named. */
  static void require(String password) {
    int codePoints = password.codePointCount(0, password.length());
    if (codePoints < FEWEST_CODE_POINTS || codePoints > MOST_CODE_POINTS) {
      throw Refusals.because(
          Reason.PASSWORD_POLICY,
          "The password must have " + FEWEST_CODE_POINTS + " to " + MOST_CODE_POINTS + " characters.");
    }
    for (Map.Entry<Pattern, String> rule : RULES) {
      if (!rule.getKey().matcher(password).matches()) {
        throw Refusals.because(Reason.PASSWORD_POLICY, rule.getValue());
      }
    }
  }

  private static Map.Entry<Pattern, String> rule(String pattern, String sentence) {
    return Map.entry(Pattern.compile(pattern, Pattern.DOTALL), sentence);
  }
}
