package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import dev.authflow.stand.SharedCases;
import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a backend makes of errors for its visitors. */
class RepliesTest {
  private static final String GENERAL = "The request cannot be answered at the moment.";

  @ParameterizedTest
  @ValueSource(strings = {Reason.API_KEY_INVALID, Reason.ADMIN_TOKEN_INVALID})
  void aRefusedKeyIsTheBackendsFaultAndNotTheVisitors(String reason) {
    AuthFlowException error = error(Status.UNAUTHENTICATED.withDescription("The API key is not valid."), reason);
    told(503, Reason.UNAVAILABLE, GENERAL, error);
    // The backend itself is told what it was.
    assertEquals(reason, error.reason());
    assertEquals(Status.Code.UNAUTHENTICATED, error.code());
    assertEquals("The API key is not valid.", error.getMessage());
  }

  @Test
  void aDeadlineThatPassed() {
    Status passed = Status.DEADLINE_EXCEEDED.withDescription("deadline exceeded after 9.9s, remote_addr=10.0.0.1/10.0.0.1");
    told(504, Reason.DEADLINE_EXCEEDED, "The request has taken too long.", error(passed, ""));
    AuthFlowException ofServer =
        error(Status.DEADLINE_EXCEEDED.withDescription("The call took too long."), Reason.DEADLINE_EXCEEDED);
    told(504, Reason.DEADLINE_EXCEEDED, "The call took too long.", ofServer);
  }

  @Test
  void whatNoServerSaid() {
    told(503, Reason.UNAVAILABLE, GENERAL, error(Status.UNAVAILABLE.withDescription("10.0.0.1"), ""));
    told(500, Reason.INTERNAL, GENERAL, error(Status.UNKNOWN.withDescription("10.0.0.1"), ""));
    told(401, Reason.INTERNAL, GENERAL, error(Status.UNAUTHENTICATED.withDescription("10.0.0.1"), ""));
  }

  @ParameterizedTest
  @CsvSource({
    "SECOND_FACTOR_REQUIRED,UNAUTHENTICATED,401",
    "CHALLENGE_INVALID,UNAUTHENTICATED,401",
    "CODE_INVALID,UNAUTHENTICATED,401",
    "EMAIL_NOT_VERIFIED,PERMISSION_DENIED,403",
    "PASSWORD_CHANGE_REQUIRED,PERMISSION_DENIED,403",
    "REAUTHENTICATION_REQUIRED,PERMISSION_DENIED,403",
    "SECOND_FACTOR_ALREADY_ENABLED,ALREADY_EXISTS,409",
    "SECOND_FACTOR_NOT_ENABLED,FAILED_PRECONDITION,409",
    "ACCOUNT_LOCKED,RESOURCE_EXHAUSTED,429"
  })
  void whatIsAboutSecondFactors(String reason, Status.Code code, int status) {
    told(status, reason, "A sentence.", error(code.toStatus().withDescription("A sentence."), reason));
  }

  private static void told(int status, String reason, String sentence, AuthFlowException error) {
    JsonObject body = SharedCases.parse(error.toJson());
    assertEquals(status, error.httpStatus());
    assertEquals(status, body.get("statusCode").getAsInt());
    assertEquals(reason, SharedCases.text(body, "error"));
    assertEquals(sentence, SharedCases.text(body, "message"));
  }

  private static AuthFlowException error(Status status, String reason) {
    return new AuthFlowException(status, ErrorDetails.of(reason, null), null);
  }
}
