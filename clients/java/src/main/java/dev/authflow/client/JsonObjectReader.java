package dev.authflow.client;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Finds one string in the JSON object of a token's claims; a JSON library would be the only reason for a dependency. It
 * steps over all other values without judging or nesting, so that no token can exhaust the stack.
 */
final class JsonObjectReader {
  private final String json;
  private int at;

  JsonObjectReader(String json) {
    this.json = json;
  }

  /**
   * The string that a member of the outermost object holds; empty where there is no such member, or it is no string.
   *
   * @throws IllegalArgumentException where this cannot be told, because the text is no JSON object
   */
  Optional<String> stringMember(String name) {
    expect('{');
    while (peek() != '}') {
      String member = string();
      expect(':');
      if (member.equals(name)) {
        return peek() == '"' ? Optional.of(string()) : Optional.empty();
      }
      skipValue();
      if (peek() != '}') {
        expect(',');
      }
    }
    return Optional.empty();
  }

  private void skipValue() {
    int depth = 0;
    while (depth > 0 || (peek() != ',' && peek() != '}')) {
      char next = peek();
      if (next == '"') {
        string();
        continue;
      }
      if (next == '{' || next == '[') {
        depth += 1;
      } else if (next == '}' || next == ']') {
        depth -= 1;
      }
      at += 1;
    }
  }

  private String string() {
    expect('"');
    StringBuilder text = new StringBuilder();
    for (char next = read(); next != '"'; next = read()) {
      text.append(next == '\\' ? escaped() : next);
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("half a character");
    }
    return text.toString();
  }

  private char escaped() {
    char escape = read();
    switch (escape) {
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'u':
        at += 4;
        if (at > json.length()) {
          throw new IllegalArgumentException("cut off");
        }
        return (char) Integer.parseUnsignedInt(json, at - 4, at, 16);
      default:
        return escape;
    }
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw new IllegalArgumentException("no JSON object");
    }
    at += 1;
  }

  /** The next character that is not space. */
  private char peek() {
    while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) {
      at += 1;
    }
    char next = read();
    at -= 1;
    return next;
  }

  private char read() {
    if (at >= json.length()) {
      throw new IllegalArgumentException("cut off");
    }
    return json.charAt(at++);
  }
}
