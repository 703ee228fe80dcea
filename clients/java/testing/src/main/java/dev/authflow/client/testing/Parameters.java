package dev.authflow.client.testing;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the parameters of one call as the server does, and collects what is wrong with them. */
final class Parameters {
  private static final int MOST_BYTES_OF_EMAIL = 254;
  private static final int MOST_BYTES_OF_PASSWORD = 1_024;
  private static final int MOST_CODE_POINTS_OF_NAME = 200;
  private static final Pattern SIX_DIGITS = Pattern.compile("[0-9]{6}");
  private static final Pattern EMAIL =
      Pattern.compile(
          "[\\p{L}\\p{M}\\p{Nd}.!#$%&'*+/=?^_`{|}~-]+@"
              + "[\\p{L}\\p{M}\\p{Nd}]([\\p{L}\\p{M}\\p{Nd}-]*[\\p{L}\\p{M}\\p{Nd}])?"
              + "(\\.[\\p{L}\\p{M}\\p{Nd}]([\\p{L}\\p{M}\\p{Nd}-]*[\\p{L}\\p{M}\\p{Nd}])?)*");

  private final Map<String, String> faults = new LinkedHashMap<>();

  /** Normalized. */
  String email(String field, String value) {
    if (isMissing(field, value)) {
      return "";
    }
    String email = normalized(value.trim()).toLowerCase(Locale.ROOT);
    if (!EMAIL.matcher(email).matches() || bytes(email) > MOST_BYTES_OF_EMAIL) {
      faults.put(field, "must be an e-mail address");
    }
    return email;
  }

  String password(String field, String value) {
    return isMissing(field, value) ? "" : optionalPassword(field, value);
  }

  String optionalPassword(String field, String given) {
    String value = Objects.requireNonNullElse(given, "");
    if (bytes(value) > MOST_BYTES_OF_PASSWORD) {
      faults.put(field, "must have at most 1,024 bytes");
    }
    return normalized(value);
  }

  /** The code of an app or a mail, without the spaces that somebody put between. */
  String digits(String field, String value) {
    String code = isMissing(field, value) ? "" : value.replace(" ", "");
    if (!code.isEmpty() && !SIX_DIGITS.matcher(code).matches()) {
      faults.put(field, "must be six digits");
    }
    return code;
  }

  /** In its one spelling. */
  String recoveryCode(String field, String value) {
    if (isMissing(field, value)) {
      return "";
    }
    Optional<String> code = RecoveryCode.parse(value);
    if (code.isEmpty()) {
      faults.put(field, "must be a recovery code of 16 letters and digits");
    }
    return code.orElse("");
  }

  /** Either; empty where there is none. */
  String optionalCode(String field, String given) {
    String value = Objects.requireNonNullElse(given, "");
    String code = value.replace(" ", "");
    if (code.isEmpty() || SIX_DIGITS.matcher(code).matches()) {
      return code;
    }
    Optional<String> recovery = RecoveryCode.parse(value);
    if (recovery.isEmpty()) {
      faults.put(field, "must be six digits, or a recovery code of 16 letters and digits");
    }
    return recovery.orElse("");
  }

  String name(String field, String value) {
    String name = Objects.requireNonNullElse(value, "").trim();
    if (isMissing(field, name)) {
      return "";
    }
    if (name.codePointCount(0, name.length()) > MOST_CODE_POINTS_OF_NAME) {
      faults.put(field, "must have at most 200 characters");
    }
    if (name.chars().anyMatch(Character::isISOControl)) {
      faults.put(field, "must not hold control characters");
    }
    return name;
  }

  void required(String field, String value) {
    isMissing(field, value);
  }

  /** All together. */
  void refuseFaults() {
    if (!faults.isEmpty()) {
      throw Refusals.ofFields(faults);
    }
  }

  private boolean isMissing(String field, String value) {
    boolean isMissing = value == null || value.isEmpty();
    if (isMissing) {
      faults.put(field, "is required");
    }
    return isMissing;
  }

  private static String normalized(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
