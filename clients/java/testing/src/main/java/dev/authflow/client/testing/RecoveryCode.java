package dev.authflow.client.testing;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The spellings of recovery codes. */
final class RecoveryCode {
  private static final Pattern SPELT = Pattern.compile("[0-9A-HJKMNP-TV-Z]{16}");
  private static final Pattern GROUPS = Pattern.compile("(?<=\\G.{4})(?=.)");

  private RecoveryCode() {}

  /** Its one spelling; empty for what is none. Case, groups and what looks like a digit do not matter. */
  static Optional<String> parse(String text) {
    String code = text.replaceAll("[\\s-]", "").toUpperCase(Locale.ROOT).replace('O', '0').replaceAll("[IL]", "1");
    return Optional.of(code).filter(SPELT.asMatchPredicate());
  }

  /** As it is shown: in groups of four. */
  static String shown(String code) {
    return GROUPS.matcher(code).replaceAll("-");
  }
}
