package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.grpc.Status.Code;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What errors bring of what a login goes on with. */
class ChallengeTest {
  private static final String SECRET = "the-secret-of-the-challenge";
  private static final Map<String, String> WHOLE =
      Map.of("challenge", SECRET, "methods", "totp,email, recovery,,palm", "expires_at", "2030-01-02T03:04:05.678Z");

  @ParameterizedTest
  @ValueSource(strings = {Reason.SECOND_FACTOR_REQUIRED, Reason.PASSWORD_CHANGE_REQUIRED})
  void isWhatAnErrorBrings(String reason) {
    Challenge challenge = error(reason, WHOLE).challenge().orElseThrow();
    assertEquals(reason, challenge.reason());
    assertEquals(SECRET, challenge.token());
    assertEquals(List.of("totp", "email", "recovery", "palm"), challenge.methods());
    assertTrue(challenge.takes(Challenge.EMAIL));
    assertFalse(challenge.takes(Challenge.SETUP));
    assertThrows(UnsupportedOperationException.class, () -> challenge.methods().add("setup"));
    assertEquals(Instant.parse("2030-01-02T03:04:05.678Z"), challenge.expiresAt());
  }

  @Test
  void isOfNoOtherReason() {
    assertEquals(Optional.empty(), error(Reason.CODE_INVALID, WHOLE).challenge());
    assertEquals(Optional.empty(), error("", WHOLE).challenge());
  }

  @ParameterizedTest
  @CsvSource({
    "challenge,''",
    "methods,''",
    "methods,' , '",
    "expires_at,''",
    "expires_at,tomorrow",
    "expires_at,2030-01-02",
    "expires_at,2030-13-02T03:04:05Z"
  })
  void isNoneWhereItIsNotWhole(String name, String value) {
    Map<String, String> broken = new HashMap<>(WHOLE);
    broken.remove(name);
    assertEquals(Optional.empty(), error(Reason.SECOND_FACTOR_REQUIRED, broken).challenge());
    broken.put(name, value);
    AuthFlowException error = error(Reason.SECOND_FACTOR_REQUIRED, broken);
    assertEquals(Optional.empty(), error.challenge());
    assertEquals(Reason.SECOND_FACTOR_REQUIRED, error.reason());
    assertEquals(401, error.httpStatus());
  }

  @Test
  void showsInNothingThatIsPrintedOrWritten() throws Exception {
    AuthFlowException error = error(Reason.SECOND_FACTOR_REQUIRED, WHOLE);
    StringWriter said = new StringWriter();
    PrintWriter says = new PrintWriter(said, true);
    error.printStackTrace(says);
    says.println(error);
    says.println(error.toJson());
    says.println(error.challenge());
    says.println(LoginStep.of(error.challenge().orElseThrow()));
    ObjectMapper json = new ObjectMapper().disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);
    says.println(json.writeValueAsString(error));
    says.println(json.setVisibility(PropertyAccessor.FIELD, Visibility.ANY).writeValueAsString(error.challenge().get()));
    assertFalse(said.toString().contains(SECRET), said::toString);
  }

  private static AuthFlowException error(String reason, Map<String, String> metadata) {
    return AuthFlowException.from(AnsweringServer.error(Code.UNAUTHENTICATED, reason, metadata));
  }
}
