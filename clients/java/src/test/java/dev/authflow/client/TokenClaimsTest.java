package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
    String deep = "{\"a\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000) + ",\"email\":\"ada@example.com\"}";
    assertEquals(Optional.of("ada@example.com"), TokenClaims.email(Tokens.withClaims(deep)));
  }
}
