package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "auth.example.com:50051, auth.example.com:50051",
    "Auth.Example.COM:1, auth.example.com:1",
    "[::1]:50051, [::1]:50051",
    "http://auth.example.com:50051, auth.example.com:50051",
    "HTTPS://auth.example.com:50051/, auth.example.com:50051",
    "http://auth.example.com, auth.example.com:80",
    "https://auth.example.com, auth.example.com:443",
    "https://[2001:db8::1], [2001:db8::1]:443",
  })
  void areTaken(String text, String address) {
    assertEquals(address, Address.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ", "auth.example.com", "auth.example.com:", "auth.example.com:x", "auth.example.com:0", "auth.example.com:65536",
        "auth.example.com:50051/", ":50051", "::1:50051", "ftp://auth.example.com", "https://auth.example.com/path",
        "https://auth.example.com?query", "https://auth.example.com#fragment", "https://ada@auth.example.com",
        "dns:///auth.example.com:50051", "my_host:50051", "auth.example.com:50051\n",
        "[::1", "[1]:50051", "[1:2]:50051", "[::1::2]:50051", "https://[12345::1]", "a..b:50051", "256.1.1.1.1:50051",
      })
  void areRefused(String text) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> Address.parse(text));
    assertTrue(refusal.getMessage().contains("host:port"), refusal::getMessage);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://ada:secret@auth.example.com", "af_secret", "afadm_secret", "secret", "SECRET:0", " secret:1"})
  void areNotRepeatedWhereTheyAreRefused(String text) {
    String sentence = assertThrows(IllegalArgumentException.class, () -> Address.parse(text)).getMessage();
    assertFalse(sentence.toLowerCase(Locale.ROOT).contains("secret"), sentence);
    assertTrue(sentence.contains("AUTHFLOW_ADDRESS"), sentence);
    assertEquals(text.startsWith("af"), sentence.contains("looks like an API key"), sentence);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:1", "LOCALHOST:1", "127.0.0.1:1", "127.9.8.7:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1", "http://localhost",
      })
  void areOfThisMachine(String text) {
    assertTrue(Address.parse(text).isLoopback());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost.example.com:1", "128.0.0.1:1", "10.0.0.1:1", "127.0.0.1.example.com:1", "[::2]:1", "[2001:db8::1]:1",
        "[::11]:1", "0.0.0.0:1",
      })
  void areOfAnother(String text) {
    assertFalse(Address.parse(text).isLoopback());
  }
}
