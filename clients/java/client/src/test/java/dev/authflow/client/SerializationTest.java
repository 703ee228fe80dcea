package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.Gson;
import com.google.protobuf.Timestamp;
import dev.authflow.v1.ConfirmTotpResponse;
import dev.authflow.v1.EnableTotpResponse;
import dev.authflow.v1.FooBarResponse;
import dev.authflow.v1.LoginResponse;
import dev.authflow.v1.MeResponse;
import dev.authflow.v1.RenewSessionResponse;
import dev.authflow.v1.SendLoginCodeResponse;
import dev.authflow.v1.SignUpResponse;
import dev.authflow.v1.ValidateResponse;
import dev.authflow.v1.VerifyRecoveryCodeResponse;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What people's serializers make of results: the names of the wire, and never a token. */
class SerializationTest {
  private static final Timestamp EXPIRY = Timestamp.newBuilder().setSeconds(1_893_553_445).build();
  private static final String FIELDS =
      "\"user_id\":\"u\",\"email\":\"ada@example.com\",\"fullname\":\"Ada <Lovelace\",\"org_id\":\"o\"";

  private static final String OF_SESSION =
      ",\"session_id\":\"s\",\"expires_at\":\"2030-01-02T03:04:05Z\",\"email_verified\":true"
          + ",\"roles\":[\"editor\",\"billing\"]";

  private final User user =
      User.from(
          SignUpResponse.newBuilder()
              .setUserId("u")
              .setEmail("ada@example.com")
              .setFullname("Ada <Lovelace")
              .setOrgId("o")
              .build());
  private final Session session =
      Session.from(
          LoginResponse.newBuilder()
              .setToken("secret")
              .setUserId("u")
              .setEmail("ada@example.com")
              .setFullname("Ada <Lovelace")
              .setOrgId("o")
              .setExpiresAt(EXPIRY)
              .build());
  private final SessionUser sessionUser =
      SessionUser.from(
          ValidateResponse.newBuilder()
              .setUserId("u")
              .setEmail("ada@example.com")
              .setFullname("Ada <Lovelace")
              .setOrgId("o")
              .setSessionId("s")
              .setExpiresAt(EXPIRY)
              .setEmailVerified(true)
              .addRoles("editor")
              .addRoles("billing")
              .build());

  @Test
  void users() throws Exception {
    written("{" + FIELDS + "}", user);
  }

  @Test
  void sessionsWithoutTheirTokens() throws Exception {
    written("{" + FIELDS + ",\"expires_at\":\"2030-01-02T03:04:05Z\"}", session);
  }

  @Test
  void usersOfSessions() throws Exception {
    written("{" + FIELDS + OF_SESSION + "}", sessionUser);
  }

  @Test
  void accounts() throws Exception {
    written(
        "{" + FIELDS + OF_SESSION + ",\"second_factor\":true,\"recovery_codes_left\":7,\"public_metadata\":\"{}\""
            + ",\"created_at\":\"2030-01-02T03:04:05Z\"}",
        Account.from(
            MeResponse.newBuilder()
                .setUserId("u")
                .setEmail("ada@example.com")
                .setFullname("Ada <Lovelace")
                .setOrgId("o")
                .setSessionId("s")
                .setExpiresAt(EXPIRY)
                .setEmailVerified(true)
                .addRoles("editor")
                .addRoles("billing")
                .setSecondFactor(true)
                .setRecoveryCodesLeft(7)
                .setPublicMetadata("{}")
                .setCreatedAt(EXPIRY)
                .build()));
  }

  @Test
  void renewedSessionsWithoutTheirTokens() throws Exception {
    written(
        "{" + FIELDS + ",\"expires_at\":\"2030-01-02T03:04:05Z\"}",
        Session.from(
            RenewSessionResponse.newBuilder()
                .setToken("secret")
                .setUserId("u")
                .setEmail("ada@example.com")
                .setFullname("Ada <Lovelace")
                .setOrgId("o")
                .setExpiresAt(EXPIRY)
                .build()));
  }

  @Test
  void rolesAreAListThatNobodyChanges() {
    assertEquals(List.of("editor", "billing"), sessionUser.roles());
    assertThrows(UnsupportedOperationException.class, () -> sessionUser.roles().add("admin"));
    assertTrue(sessionUser.hasRole("admin", "billing"));
    assertFalse(sessionUser.hasRole("admin", "bill"));
    assertFalse(sessionUser.hasRole());
  }

  @Test
  void noncesWithoutTheirTokens() throws Exception {
    written(
        "{\"expires_at\":\"2030-01-02T03:04:05Z\"}",
        Nonce.from(FooBarResponse.newBuilder().setToken("secret").setExpiresAt(EXPIRY).build()));
  }

  @Test
  void stepsOfLoginsWithoutTheirTokens() throws Exception {
    written("{\"session\":{" + FIELDS + ",\"expires_at\":\"2030-01-02T03:04:05Z\"}}", LoginStep.of(session));
    written(
        "{\"session\":{" + FIELDS + ",\"expires_at\":\"2030-01-02T03:04:05Z\"},\"recovery_codes_left\":9}",
        LoginStep.from(
            VerifyRecoveryCodeResponse.newBuilder()
                .setToken("secret")
                .setUserId("u")
                .setEmail("ada@example.com")
                .setFullname("Ada <Lovelace")
                .setOrgId("o")
                .setExpiresAt(EXPIRY)
                .setRecoveryCodesLeft(9)
                .build()));
    Map<String, String> metadata =
        Map.of("challenge", "secret", "methods", "totp,recovery", "expires_at", "2030-01-02T03:04:05Z");
    Challenge challenge =
        AuthFlowException.from(
                AnsweringServer.error(Status.Code.UNAUTHENTICATED, Reason.SECOND_FACTOR_REQUIRED, metadata))
            .challenge()
            .orElseThrow();
    String told =
        "{\"reason\":\"SECOND_FACTOR_REQUIRED\",\"methods\":[\"totp\",\"recovery\"]"
            + ",\"expires_at\":\"2030-01-02T03:04:05Z\"}";
    written(told, challenge);
    written("{\"challenge\":" + told + "}", LoginStep.of(challenge));
    written(
        "{\"expires_at\":\"2030-01-02T03:04:05Z\"}",
        LoginCode.from(SendLoginCodeResponse.newBuilder().setChallenge("secret").setExpiresAt(EXPIRY).build()));
  }

  @Test
  void secondFactorsWithoutTheirSecrets() throws Exception {
    written(
        "{\"expires_at\":\"2030-01-02T03:04:05Z\"}",
        TotpSetup.from(
            EnableTotpResponse.newBuilder()
                .setSecret("secret")
                .setOtpauthUrl("otpauth://totp/x?secret=secret")
                .setQrCode("data:image/svg+xml,secret")
                .setExpiresAt(EXPIRY)
                .build()));
    ConfirmTotpResponse confirmed = ConfirmTotpResponse.newBuilder().addRecoveryCodes("secret").build();
    written("{}", TotpConfirmation.from(confirmed));
    written(
        "{\"session\":{" + FIELDS + ",\"expires_at\":\"2030-01-02T03:04:05Z\"}}",
        TotpConfirmation.from(
            confirmed.toBuilder()
                .setToken("secret")
                .setUserId("u")
                .setEmail("ada@example.com")
                .setFullname("Ada <Lovelace")
                .setOrgId("o")
                .setExpiresAt(EXPIRY)
                .build()));
  }

  @Test
  void violations() throws Exception {
    written("{\"field\":\"email\",\"message\":\"is required\"}", new FieldViolation("email", "is required"));
  }

  @Test
  void theUserOfASessionIsKeptInAnHttpSession() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(sessionUser);
    }
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertEquals(sessionUser.toString(), in.readObject().toString());
    }
  }

  private static void written(String json, Object result) throws JsonProcessingException {
    assertEquals(json, new ObjectMapper().writeValueAsString(result));
    // Who lets Jackson read fields gets no more.
    ObjectMapper ofFields = new ObjectMapper().setVisibility(PropertyAccessor.FIELD, Visibility.ANY);
    assertEquals(json, ofFields.writeValueAsString(result));
    assertEquals(json, new Gson().newBuilder().disableHtmlEscaping().create().toJson(result));
    assertFalse(result.toString().contains("secret"));
  }
}
