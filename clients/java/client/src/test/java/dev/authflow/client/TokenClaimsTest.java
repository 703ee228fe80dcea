package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenClaimsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"email\":\"ada@example.com\"}",
        " { \"email\" : \"ada@example.com\" , \"sub\" : 1 } ",
        "{\"a\":{\"email\":\"x\",\"b\":[{},[\"}\"]]},\"c\":[1,\"]\\\"\"],\"d\":null,\"e\":-1.5e3,\"email\":\"ada@example.com\"}",
        "{\"\\u0065mail\":\"\\u0061da@example.com\"}",
      })
  void findsTheEmail(String claims) {
    assertEquals(Optional.of("ada@example.com"), TokenClaims.email(Tokens.withClaims(claims)));
  }

  @Test
  void keepsLettersOfAnyScript() {
    assertEquals(
        Optional.of("ада😀@пример.example"),
        TokenClaims.email(Tokens.withClaims("{\"email\":\"ада\\ud83d\\ude00@пример.example\"}")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{\"email\"", "{\"email\":\"a\\u00", "{\"email\":\"a\\u00zz\"}", "{\"a\":}}", "{\"a\" 1}", "\"email\"", "{\"a\":[[["})
  void findsNoneInWhatIsBroken(String claims) {
    assertEquals(Optional.empty(), TokenClaims.email(Tokens.withClaims(claims)));
  }

  @Test
  void depthExhaustsNothing() {
    // As deep as a token can be. Gson refuses it from some version on; no server of ours signed it.
    String deep = "{\"a\":" + "[".repeat(3_000) + "]".repeat(3_000) + ",\"email\":\"ada@example.com\"}";
    assertTrue(TokenClaims.email(Tokens.withClaims(deep)).filter(email -> !email.equals("ada@example.com")).isEmpty());
  }

  @Test
  void readsTokensOf8192Characters() {
    String token = Tokens.withClaims("{\"email\":\"ada@example.com\"}");
    String longest = "e".repeat(8_192 - token.length()) + token;
    assertEquals(Optional.of("ada@example.com"), TokenClaims.email(longest));
    assertEquals(Optional.empty(), TokenClaims.email("e" + longest));
  }

  @Test
  void readsAFakesTokens() {
    String token = Tokens.withClaims("{\"email\":\"ada@example.com\"}").replace("e30.", "fake.");
    assertEquals(Optional.of("ada@example.com"), TokenClaims.email(token));
  }
}
