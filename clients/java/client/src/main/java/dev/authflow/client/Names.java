package dev.authflow.client;

import java.util.List;
import java.util.function.Predicate;

/** Paths or methods by a list, where {@code /assets/*} is all that begins so and anything else is one. */
final class Names implements Predicate<String> {
  private final List<String> names;

  Names(String... names) {
    this.names = List.of(names);
  }

  @Override
  public boolean test(String name) {
    return names.stream().anyMatch(listed -> matches(listed, name));
  }

  private static boolean matches(String listed, String name) {
    return listed.endsWith("*") ? name.startsWith(listed.substring(0, listed.length() - 1)) : name.equals(listed);
  }
}
