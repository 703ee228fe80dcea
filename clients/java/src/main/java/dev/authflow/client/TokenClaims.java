package dev.authflow.client;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** What a session token says of itself. It proves nothing: Validate does. */
final class TokenClaims {
  private TokenClaims() {}

  /** The claim {@code email}; empty where the token is none, or has none. */
  static Optional<String> email(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      ByteBuffer payload = ByteBuffer.wrap(Base64.getUrlDecoder().decode(parts[1]));
      String claims = StandardCharsets.UTF_8.newDecoder().decode(payload).toString();
      return new JsonObjectReader(claims).stringMember("email").filter(email -> !email.isEmpty());
    } catch (IllegalArgumentException | CharacterCodingException malformed) {
      return Optional.empty();
    }
  }
}
