package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.authflow.v1.ConfirmTotpResponse;
import dev.authflow.v1.EnableTotpResponse;
import dev.authflow.v1.FooBarResponse;
import dev.authflow.v1.LoginRequest;
import dev.authflow.v1.LoginResponse;
import dev.authflow.v1.RegenerateRecoveryCodesResponse;
import dev.authflow.v1.SendEmailCodeResponse;
import dev.authflow.v1.SendLoginCodeResponse;
import dev.authflow.v1.VerifyRecoveryCodeResponse;
import dev.authflow.v1.VerifyTotpResponse;
import io.grpc.Status.Code;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What second factors put on the wire, and what is made of what comes back. */
class SecondFactorCallsTest {
  private static final String TOKEN = Tokens.withClaims("{\"email\":\"ada@example.com\"}");
  private static final Timestamp EXPIRY = Timestamp.newBuilder().setSeconds(1_893_553_445).build();
  private static final Instant EXPIRES_AT = Instant.parse("2030-01-02T03:04:05Z");
  private static final FooBarResponse NONCE = FooBarResponse.newBuilder().setToken("nonce").build();

  private final AnsweringServer server = new AnsweringServer();
  private final AuthFlowClient client = server.client();

  @AfterEach
  void disconnect() {
    client.close();
    server.close();
  }

  @Test
  void everyCallTellsWhatItIsGiven() {
    AuthFlow theirs = client.withVisitor(Visitor.of("203.0.113.7", "Difference Engine/2"));
    String session = "session_token=" + TOKEN + " email=ada@example.com";
    sends(session, () -> theirs.enableTotp(TOKEN));
    sends(session + " current_password=p", () -> theirs.enableTotp(TOKEN, "p"));
    sends("challenge=c", () -> theirs.enableTotpByChallenge("c"));
    sends(session + " code=1", () -> theirs.confirmTotp(TOKEN, "1"));
    sends("code=1 challenge=c", () -> theirs.confirmTotpByChallenge("c", "1"));
    sends(session + " code=2", () -> theirs.disableTotp(TOKEN, "2"));
    sends(session + " code=2 current_password=p", () -> theirs.disableTotp(TOKEN, "p", "2"));
    sends(session + " code=3", () -> theirs.regenerateRecoveryCodes(TOKEN, "3"));
    sends(session + " code=3 current_password=p", () -> theirs.regenerateRecoveryCodes(TOKEN, "p", "3"));
    sends("challenge=c code=4", () -> theirs.verifyTotp("c", "4"));
    sends("challenge=c", () -> theirs.sendEmailCode("c"));
    sends("challenge=c code=5", () -> theirs.verifyEmailCode("c", "5"));
    sends("challenge=c recovery_code=6", () -> theirs.verifyRecoveryCode("c", "6"));
    sends("email=ada@example.com", () -> theirs.sendLoginCode("ada@example.com"));
    sends(
        session + " new_password=n current_password=p code=7", () -> theirs.changePassword(TOKEN, "", "n", "p", "7"));
    sends("token=t new_password=n current_password=p", () -> theirs.resetPassword("t", "n", "p"));
    server.keys.forEach(key -> assertEquals(AnsweringServer.KEY, key));
  }

  @Test
  void aLoginStepIsASessionOrAChallenge() {
    LoginResponse session = LoginResponse.newBuilder().setToken("token").setEmail("ada@example.com").build();
    server.answers(NONCE, session, NONCE, challenged(), NONCE, challenged(), NONCE, challenged());
    assertEquals("token", client.loginStep("ada@example.com", "p").session().orElseThrow().token());
    assertEquals("secret", client.loginStep("ada@example.com", "p", "").match(Session::token, Challenge::token));
    assertEquals(
        "secret", client.async().loginStep("ada@example.com", "p").join().challenge().orElseThrow().token());
    AuthFlowException error =
        assertThrows(AuthFlowException.class, () -> client.login("ada@example.com", "p", "a.b.c"));
    assertEquals("secret", error.challenge().orElseThrow().token());
    assertEquals(
        List.of("FooBar", "Login", "FooBar", "Login", "FooBar", "Login", "FooBar", "Login"), server.calls());
    assertEquals("nonce", ((LoginRequest) server.requests.get(7)).getFoobar());
    assertEquals("a.b.c", ((LoginRequest) server.requests.get(7)).getSessionToken());
  }

  @Test
  void aLoginStepThrowsAllElse() {
    server.answers(
        NONCE,
        AnsweringServer.error(Code.UNAUTHENTICATED, Reason.CREDENTIALS_INVALID, Map.of()),
        NONCE,
        AnsweringServer.error(Code.UNAUTHENTICATED, Reason.SECOND_FACTOR_REQUIRED, Map.of("challenge", "secret")),
        NONCE,
        AnsweringServer.error(Code.PERMISSION_DENIED, Reason.EMAIL_NOT_VERIFIED, Map.of()));
    refused(Reason.CREDENTIALS_INVALID, () -> client.loginStep("ada@example.com", "p"));
    refused(Reason.SECOND_FACTOR_REQUIRED, () -> client.loginStep("ada@example.com", "p"));
    CompletionException failed =
        assertThrows(CompletionException.class, () -> client.async().loginStep("ada@example.com", "p").join());
    assertEquals(Reason.EMAIL_NOT_VERIFIED, ((AuthFlowException) failed.getCause()).reason());
  }

  @Test
  void whatAnswersAChallengeLeadsToASessionOrOn() {
    server.answers(
        VerifyTotpResponse.newBuilder().setToken("token").setExpiresAt(EXPIRY).build(),
        challenged(),
        VerifyRecoveryCodeResponse.newBuilder().setToken("token").setRecoveryCodesLeft(0).build());
    LoginStep step = client.verifyTotp("c", "1");
    assertEquals(EXPIRES_AT, step.session().orElseThrow().expiresAt());
    assertEquals(OptionalInt.empty(), step.recoveryCodesLeft());
    Challenge next = client.async().verifyEmailCode("c", "2").join().challenge().orElseThrow();
    assertEquals(List.of("totp", "recovery"), next.methods());
    assertEquals(OptionalInt.of(0), client.verifyRecoveryCode("c", "3").recoveryCodesLeft());
  }

  @Test
  void repliesAreReadWhole() {
    server.answers(
        EnableTotpResponse.newBuilder()
            .setSecret("GEZDGNBV")
            .setOtpauthUrl("otpauth://totp/x")
            .setQrCode("data:image/svg+xml,x")
            .setExpiresAt(EXPIRY)
            .build(),
        ConfirmTotpResponse.newBuilder().addRecoveryCodes("0000-1111").build(),
        ConfirmTotpResponse.newBuilder().addRecoveryCodes("0000-1111").setToken("token").build(),
        RegenerateRecoveryCodesResponse.newBuilder().addRecoveryCodes("2222-3333").build(),
        SendEmailCodeResponse.newBuilder().setExpiresAt(EXPIRY).build(),
        SendLoginCodeResponse.newBuilder().setChallenge("secret").setExpiresAt(EXPIRY).build());
    TotpSetup setup = client.enableTotp(TOKEN);
    assertEquals("GEZDGNBV otpauth://totp/x", setup.secret() + " " + setup.otpauthUrl());
    assertEquals("data:image/svg+xml,x", setup.qrCode());
    assertEquals(EXPIRES_AT, setup.expiresAt());
    TotpConfirmation bySession = client.confirmTotp(TOKEN, "1");
    assertEquals(List.of("0000-1111"), bySession.recoveryCodes());
    assertTrue(bySession.session().isEmpty());
    assertEquals("token", client.confirmTotpByChallenge("c", "1").session().orElseThrow().token());
    assertEquals(List.of("2222-3333"), client.regenerateRecoveryCodes(TOKEN, "2"));
    assertEquals(EXPIRES_AT, client.sendEmailCode("c"));
    LoginCode code = client.sendLoginCode("ada@example.com");
    assertEquals("secret", code.token());
    assertEquals(EXPIRES_AT, code.expiresAt());
  }

  @Test
  void aCodeIsGoodOnceSoALostReplyIsNotFollowedByAnother() {
    for (Executable call :
        List.<Executable>of(
            () -> client.enableTotp(TOKEN),
            () -> client.enableTotpByChallenge("c"),
            () -> client.confirmTotp(TOKEN, "1"),
            () -> client.confirmTotpByChallenge("c", "1"),
            () -> client.disableTotp(TOKEN, "1"),
            () -> client.regenerateRecoveryCodes(TOKEN, "1"),
            () -> client.verifyTotp("c", "1"),
            () -> client.sendEmailCode("c"),
            () -> client.verifyEmailCode("c", "1"),
            () -> client.verifyRecoveryCode("c", "1"),
            () -> client.sendLoginCode("ada@example.com"),
            () -> client.changeEmail(TOKEN, "", "ada@example.org", "p", "1"))) {
      server.requests.clear();
      server.answers(AnsweringServer.lost());
      assertEquals("", assertThrows(AuthFlowException.class, call).reason());
      assertEquals(1, server.requests.size());
    }
  }

  @Test
  void whatIsSafeTwiceIsRepeated() {
    server.answers(AnsweringServer.lost());
    client.changeEmail(TOKEN, "ada@example.org");
    // Nothing was done, the server says.
    server.answers(AnsweringServer.error(Code.UNAVAILABLE, Reason.UNAVAILABLE, Map.of()));
    client.verifyTotp("c", "1");
    assertEquals(List.of("ChangeEmail", "ChangeEmail", "VerifyTotp", "VerifyTotp"), server.calls());
    server.answers(AnsweringServer.error(Code.RESOURCE_EXHAUSTED, Reason.ACCOUNT_LOCKED, Map.of()));
    refused(Reason.ACCOUNT_LOCKED, () -> client.verifyTotp("c", "1"));
    assertEquals(5, server.requests.size());
  }

  private static Object challenged() {
    return AnsweringServer.error(
        Code.UNAUTHENTICATED,
        Reason.SECOND_FACTOR_REQUIRED,
        Map.of("challenge", "secret", "methods", "totp,recovery", "expires_at", "2030-01-02T03:04:05Z"));
  }

  private static void refused(String reason, Executable call) {
    AuthFlowException error = assertThrows(AuthFlowException.class, call);
    assertEquals(reason, error.reason());
    assertTrue(error.challenge().isEmpty());
  }

  private void sends(String fields, Runnable call) {
    server.requests.clear();
    call.run();
    assertEquals(fields, told(server.requests.get(0)));
  }

  /** The fields of a request but the visitor's, which are those that were given. */
  private static String told(Message request) {
    StringBuilder told = new StringBuilder();
    request
        .getAllFields()
        .forEach(
            (field, value) -> {
              switch (field.getName()) {
                case "client_ip":
                  assertEquals("203.0.113.7", value);
                  break;
                case "user_agent":
                  assertEquals("Difference Engine/2", value);
                  break;
                default:
                  told.append(' ').append(field.getName()).append('=').append(value);
              }
            });
    return told.toString().trim();
  }
}
