package dev.authflow.client;

import dev.authflow.v1.ConfirmTotpRequest;
import dev.authflow.v1.DisableTotpRequest;
import dev.authflow.v1.EnableTotpRequest;
import dev.authflow.v1.RegenerateRecoveryCodesRequest;
import dev.authflow.v1.RegenerateRecoveryCodesResponse;
import dev.authflow.v1.SecondFactorServiceGrpc;
import dev.authflow.v1.SendEmailCodeRequest;
import dev.authflow.v1.VerifyEmailCodeRequest;
import dev.authflow.v1.VerifyRecoveryCodeRequest;
import dev.authflow.v1.VerifyTotpRequest;
import java.time.Instant;
import java.util.List;

/** The calls of SecondFactorService for one visitor. A code is good once, so none is repeated after a lost reply. */
final class SecondFactorCalls {
  private final Visitor visitor;

  SecondFactorCalls(Visitor visitor) {
    this.visitor = visitor;
  }

  Call<TotpSetup> enableTotp(String sessionToken, String email, String currentPassword) {
    return Calls.withEmail(
        "EnableTotp",
        sessionToken,
        email,
        address ->
            enableTotp(
                EnableTotpRequest.newBuilder()
                    .setSessionToken(Calls.given(sessionToken))
                    .setEmail(address)
                    .setCurrentPassword(Calls.given(currentPassword))));
  }

  Call<TotpSetup> enableTotpByChallenge(String challenge) {
    return enableTotp(EnableTotpRequest.newBuilder().setChallenge(Calls.given(challenge)));
  }

  private Call<TotpSetup> enableTotp(EnableTotpRequest.Builder asked) {
    EnableTotpRequest request =
        asked.setClientIp(visitor.clientIp()).setUserAgent(visitor.userAgent()).build();
    return Call.once("EnableTotp", SecondFactorServiceGrpc.getEnableTotpMethod(), request, TotpSetup::from);
  }

  Call<TotpConfirmation> confirmTotp(String sessionToken, String email, String code) {
    return Calls.withEmail(
        "ConfirmTotp",
        sessionToken,
        email,
        address ->
            confirmTotp(
                ConfirmTotpRequest.newBuilder()
                    .setSessionToken(Calls.given(sessionToken))
                    .setEmail(address)
                    .setCode(Calls.given(code))));
  }

  Call<TotpConfirmation> confirmTotpByChallenge(String challenge, String code) {
    return confirmTotp(
        ConfirmTotpRequest.newBuilder().setChallenge(Calls.given(challenge)).setCode(Calls.given(code)));
  }

  private Call<TotpConfirmation> confirmTotp(ConfirmTotpRequest.Builder asked) {
    ConfirmTotpRequest request =
        asked.setClientIp(visitor.clientIp()).setUserAgent(visitor.userAgent()).build();
    return Call.once("ConfirmTotp", SecondFactorServiceGrpc.getConfirmTotpMethod(), request, TotpConfirmation::from);
  }

  Call<Void> disableTotp(String sessionToken, String email, String currentPassword, String code) {
    return Calls.withEmail(
        "DisableTotp",
        sessionToken,
        email,
        address -> {
          DisableTotpRequest request =
              DisableTotpRequest.newBuilder()
                  .setSessionToken(Calls.given(sessionToken))
                  .setEmail(address)
                  .setCurrentPassword(Calls.given(currentPassword))
                  .setCode(Calls.given(code))
                  .setClientIp(visitor.clientIp())
                  .setUserAgent(visitor.userAgent())
                  .build();
          return Call.once("DisableTotp", SecondFactorServiceGrpc.getDisableTotpMethod(), request, reply -> null);
        });
  }

  Call<List<String>> regenerateRecoveryCodes(
      String sessionToken, String email, String currentPassword, String code) {
    return Calls.withEmail(
        "RegenerateRecoveryCodes",
        sessionToken,
        email,
        address -> {
          RegenerateRecoveryCodesRequest request =
              RegenerateRecoveryCodesRequest.newBuilder()
                  .setSessionToken(Calls.given(sessionToken))
                  .setEmail(address)
                  .setCurrentPassword(Calls.given(currentPassword))
                  .setCode(Calls.given(code))
                  .setClientIp(visitor.clientIp())
                  .setUserAgent(visitor.userAgent())
                  .build();
          return Call.once(
              "RegenerateRecoveryCodes",
              SecondFactorServiceGrpc.getRegenerateRecoveryCodesMethod(),
              request,
              SecondFactorCalls::recoveryCodes);
        });
  }

  Call<LoginStep> verifyTotp(String challenge, String code) {
    VerifyTotpRequest request =
        VerifyTotpRequest.newBuilder()
            .setChallenge(Calls.given(challenge))
            .setCode(Calls.given(code))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.stepwise(
        Call.once("VerifyTotp", SecondFactorServiceGrpc.getVerifyTotpMethod(), request, LoginStep::from));
  }

  Call<Instant> sendEmailCode(String challenge) {
    SendEmailCodeRequest request =
        SendEmailCodeRequest.newBuilder()
            .setChallenge(Calls.given(challenge))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.once(
        "SendEmailCode",
        SecondFactorServiceGrpc.getSendEmailCodeMethod(),
        request,
        reply -> Instants.of(reply.getExpiresAt()));
  }

  Call<LoginStep> verifyEmailCode(String challenge, String code) {
    VerifyEmailCodeRequest request =
        VerifyEmailCodeRequest.newBuilder()
            .setChallenge(Calls.given(challenge))
            .setCode(Calls.given(code))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.stepwise(
        Call.once("VerifyEmailCode", SecondFactorServiceGrpc.getVerifyEmailCodeMethod(), request, LoginStep::from));
  }

  Call<LoginStep> verifyRecoveryCode(String challenge, String recoveryCode) {
    VerifyRecoveryCodeRequest request =
        VerifyRecoveryCodeRequest.newBuilder()
            .setChallenge(Calls.given(challenge))
            .setRecoveryCode(Calls.given(recoveryCode))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.stepwise(
        Call.once(
            "VerifyRecoveryCode", SecondFactorServiceGrpc.getVerifyRecoveryCodeMethod(), request, LoginStep::from));
  }

  private static List<String> recoveryCodes(RegenerateRecoveryCodesResponse reply) {
    return List.copyOf(reply.getRecoveryCodesList());
  }
}
