package dev.authflow.client;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a session token says of itself. It proves nothing: Validate does. */
final class TokenClaims {
  private static final int LONGEST_TOKEN = 8_192;
  private static final Pattern JWT = Pattern.compile("[\\w-]+\\.([\\w-]+)\\.[\\w-]+");

  private TokenClaims() {}

  /** Whether a request can carry a token, of whatever form: what a visitor sends must not fail a call. */
  static boolean isSendable(String token) {
    return token.length() <= LONGEST_TOKEN && isWellFormed(token);
  }

  /** The claim {@code email}; empty where the token is none, or has none. */
  static Optional<String> email(String token) {
    Matcher jwt = JWT.matcher(token);
    if (token.length() > LONGEST_TOKEN || !jwt.matches()) {
      return Optional.empty();
    }
    try {
      ByteBuffer payload = ByteBuffer.wrap(Base64.getUrlDecoder().decode(jwt.group(1)));
      String claims = StandardCharsets.UTF_8.newDecoder().decode(payload).toString();
      return emailIn(claims).filter(email -> !email.isEmpty() && isWellFormed(email));
    } catch (IllegalArgumentException | IllegalStateException | IOException malformed) {
      return Optional.empty();
    }
  }

  /** By Gson's reader and not its tree: it steps over what nests, so that no token can exhaust the stack. */
  private static Optional<String> emailIn(String claims) throws IOException {
    Optional<String> email = Optional.empty();
    try (JsonReader json = new JsonReader(new StringReader(claims))) {
      json.beginObject();
      while (json.hasNext()) {
        if (json.nextName().equals("email") && json.peek() == JsonToken.STRING) {
          email = Optional.of(json.nextString());
        } else {
          json.skipValue();
        }
      }
      json.endObject();
      return json.peek() == JsonToken.END_DOCUMENT ? email : Optional.empty();
    }
  }

  /** JSON can name half a character, which no e-mail holds and no request can. */
  private static boolean isWellFormed(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
