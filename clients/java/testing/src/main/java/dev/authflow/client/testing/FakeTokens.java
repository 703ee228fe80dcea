package dev.authflow.client.testing;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;

/** Session tokens in the form of a JWT, that no server takes for one. */
final class FakeTokens {
  private FakeTokens() {}

  static String newToken(String email) {
    JsonObject claims = new JsonObject();
    claims.addProperty("email", email);
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String payload = base64.encodeToString(claims.toString().getBytes(StandardCharsets.UTF_8));
    return "fake." + payload + "." + UUID.randomUUID();
  }
}
