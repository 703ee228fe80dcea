package dev.authflow.client;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Paths or methods by a list, where {@code /assets/*} is all that begins so and anything else is one. */
final class Names implements Predicate<String> {
  /** What one router reads as another path than the next. */
  private static final Pattern AMBIGUOUS =
      Pattern.compile("\\\\|//|%2e|%2f|%5c|;|/\\.{1,2}(/|$)", Pattern.CASE_INSENSITIVE);

  private final List<String> names;

  Names(String... names) {
    this.names = List.of(names);
  }

  @Override
  public boolean test(String name) {
    return names.stream().anyMatch(listed -> matches(listed, name));
  }

  private static boolean matches(String listed, String name) {
    if (!listed.endsWith("*")) {
      return name.equals(listed);
    }
    return name.startsWith(listed.substring(0, listed.length() - 1)) && !AMBIGUOUS.matcher(name).find();
  }
}
