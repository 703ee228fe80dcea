package dev.authflow.client;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@link SecondFactors} without blocking, as {@link AuthFlowAsync} is. Each call means what its namesake does. */
public interface SecondFactorsAsync {
  /** See {@link SecondFactors#enableTotp(String)}. */
  default CompletableFuture<TotpSetup> enableTotp(String sessionToken) {
    return enableTotp(sessionToken, "", "");
  }

  /** See {@link SecondFactors#enableTotp(String, String)}. */
  default CompletableFuture<TotpSetup> enableTotp(String sessionToken, String currentPassword) {
    return enableTotp(sessionToken, "", currentPassword);
  }

  /** See {@link SecondFactors#enableTotp(String, String, String)}. */
  CompletableFuture<TotpSetup> enableTotp(String sessionToken, String email, String currentPassword);

  /** See {@link SecondFactors#enableTotpByChallenge(String)}. */
  CompletableFuture<TotpSetup> enableTotpByChallenge(String challenge);

  /** See {@link SecondFactors#confirmTotp(String, String)}. */
  default CompletableFuture<TotpConfirmation> confirmTotp(String sessionToken, String code) {
    return confirmTotp(sessionToken, "", code);
  }

  /** See {@link SecondFactors#confirmTotp(String, String, String)}. */
  CompletableFuture<TotpConfirmation> confirmTotp(String sessionToken, String email, String code);

  /** See {@link SecondFactors#confirmTotpByChallenge(String, String)}. */
  CompletableFuture<TotpConfirmation> confirmTotpByChallenge(String challenge, String code);

  /** See {@link SecondFactors#disableTotp(String, String)}. */
  default CompletableFuture<Void> disableTotp(String sessionToken, String code) {
    return disableTotp(sessionToken, "", "", code);
  }

  /** See {@link SecondFactors#disableTotp(String, String, String)}. */
  default CompletableFuture<Void> disableTotp(String sessionToken, String currentPassword, String code) {
    return disableTotp(sessionToken, "", currentPassword, code);
  }

  /** See {@link SecondFactors#disableTotp(String, String, String, String)}. */
  CompletableFuture<Void> disableTotp(String sessionToken, String email, String currentPassword, String code);

  /** See {@link SecondFactors#regenerateRecoveryCodes(String, String)}. */
  default CompletableFuture<List<String>> regenerateRecoveryCodes(String sessionToken, String code) {
    return regenerateRecoveryCodes(sessionToken, "", "", code);
  }

  /** See {@link SecondFactors#regenerateRecoveryCodes(String, String, String)}. */
  default CompletableFuture<List<String>> regenerateRecoveryCodes(
      String sessionToken, String currentPassword, String code) {
    return regenerateRecoveryCodes(sessionToken, "", currentPassword, code);
  }

  /** See {@link SecondFactors#regenerateRecoveryCodes(String, String, String, String)}. */
  CompletableFuture<List<String>> regenerateRecoveryCodes(
      String sessionToken, String email, String currentPassword, String code);

  /** See {@link SecondFactors#verifyTotp(String, String)}. */
  CompletableFuture<LoginStep> verifyTotp(String challenge, String code);

  /** See {@link SecondFactors#sendEmailCode(String)}. */
  CompletableFuture<Instant> sendEmailCode(String challenge);

  /** See {@link SecondFactors#verifyEmailCode(String, String)}. */
  CompletableFuture<LoginStep> verifyEmailCode(String challenge, String code);

  /** See {@link SecondFactors#verifyRecoveryCode(String, String)}. */
  CompletableFuture<LoginStep> verifyRecoveryCode(String challenge, String recoveryCode);
}
