package dev.authflow.client;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The session token of {@code Authorization: Bearer}. */
final class Bearer {
  private static final Pattern FORM = Pattern.compile("Bearer +([^ ]+) *", Pattern.CASE_INSENSITIVE);

  private Bearer() {}

  /** Empty where there is none, or more than one header: of two, what stands before us may have looked at the other. */
  static Optional<String> token(List<String> authorizations) {
    if (authorizations.size() != 1) {
      return Optional.empty();
    }
    Matcher bearer = FORM.matcher(authorizations.get(0));
    return bearer.matches() ? Optional.of(bearer.group(1)) : Optional.empty();
  }
}
