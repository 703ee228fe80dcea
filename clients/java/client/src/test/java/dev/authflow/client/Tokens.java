package dev.authflow.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** Tokens that no server signed. */
final class Tokens {
  /** Authorization headers without a token that could be asked about. */
  static final List<String> UNUSABLE =
      List.of(
          "Basic YWRhOmFuYWx5dGljYWw=",
          "Bearer",
          "Bearer one two",
          "Bearer af_" + "C".repeat(43),
          "Bearer garbage",
          "Bearer a.b.c",
          "Bearer a.!.c",
          "Bearer " + withClaims("[]"),
          "Bearer " + withClaims("{"),
          "Bearer " + withClaims("{}"),
          "Bearer " + withClaims("{\"email\":7}"),
          "Bearer " + withClaims("{\"email\":\"\"}"),
          "Bearer " + withClaims("{\"email\":\"\\ud800\"}"),
          "Bearer " + withClaims("{\"user\":{\"email\":\"ada@example.com\"}}"));

  private Tokens() {}

  static String withClaims(String claims) {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return "e30." + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".c2lnbmF0dXJl";
  }
}
