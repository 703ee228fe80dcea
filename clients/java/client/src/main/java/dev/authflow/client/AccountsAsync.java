package dev.authflow.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@link Accounts} without blocking, as {@link AuthFlowAsync} is. Each call means what its namesake does. */
public interface AccountsAsync {
  /** See {@link Accounts#me(String)}. */
  default CompletableFuture<Account> me(String sessionToken) {
    return me(sessionToken, "");
  }

  /** See {@link Accounts#me(String, String)}. */
  CompletableFuture<Account> me(String sessionToken, String email);

  /** See {@link Accounts#sendVerificationEmail(String)}. */
  CompletableFuture<Void> sendVerificationEmail(String email);

  /** See {@link Accounts#verifyEmail(String)}. */
  CompletableFuture<VerifiedEmail> verifyEmail(String token);

  /** See {@link Accounts#forgotPassword(String)}. */
  CompletableFuture<Void> forgotPassword(String email);

  /** See {@link Accounts#resetPassword(String, String)}. */
  default CompletableFuture<PasswordReset> resetPassword(String token, String newPassword) {
    return resetPassword(token, newPassword, "");
  }

  /** See {@link Accounts#resetPassword(String, String, String)}. */
  CompletableFuture<PasswordReset> resetPassword(String token, String newPassword, String currentPassword);

  /** See {@link Accounts#renewSession(String)}. */
  default CompletableFuture<Session> renewSession(String sessionToken) {
    return renewSession(sessionToken, "");
  }

  /** See {@link Accounts#renewSession(String, String)}. */
  CompletableFuture<Session> renewSession(String sessionToken, String email);

  /** See {@link Accounts#listMySessions(String)}. */
  default CompletableFuture<List<MySession>> listMySessions(String sessionToken) {
    return listMySessions(sessionToken, "");
  }

  /** See {@link Accounts#listMySessions(String, String)}. */
  CompletableFuture<List<MySession>> listMySessions(String sessionToken, String email);

  /** See {@link Accounts#endMySessions(String)}. */
  default CompletableFuture<Integer> endMySessions(String sessionToken) {
    return endMySessions(sessionToken, "", "");
  }

  /** See {@link Accounts#endMySessions(String, String)}. */
  default CompletableFuture<Integer> endMySessions(String sessionToken, String sessionId) {
    return endMySessions(sessionToken, "", sessionId);
  }

  /** See {@link Accounts#endMySessions(String, String, String)}. */
  CompletableFuture<Integer> endMySessions(String sessionToken, String email, String sessionId);

  /** See {@link Accounts#updateProfile(String, String)}. */
  default CompletableFuture<Account> updateProfile(String sessionToken, String fullName) {
    return updateProfile(sessionToken, "", fullName);
  }

  /** See {@link Accounts#updateProfile(String, String, String)}. */
  CompletableFuture<Account> updateProfile(String sessionToken, String email, String fullName);

  /** See {@link Accounts#changeEmail(String, String)}. */
  default CompletableFuture<Void> changeEmail(String sessionToken, String newEmail) {
    return changeEmail(sessionToken, "", newEmail, "", "");
  }

  /** See {@link Accounts#changeEmail(String, String, String)}. */
  default CompletableFuture<Void> changeEmail(String sessionToken, String newEmail, String currentPassword) {
    return changeEmail(sessionToken, "", newEmail, currentPassword, "");
  }

  /** See {@link Accounts#changeEmail(String, String, String, String, String)}. */
  CompletableFuture<Void> changeEmail(
      String sessionToken, String email, String newEmail, String currentPassword, String code);

  /** See {@link Accounts#deleteAccount(String)}. */
  default CompletableFuture<Integer> deleteAccount(String sessionToken) {
    return deleteAccount(sessionToken, "", "", "");
  }

  /** See {@link Accounts#deleteAccount(String, String)}. */
  default CompletableFuture<Integer> deleteAccount(String sessionToken, String currentPassword) {
    return deleteAccount(sessionToken, "", currentPassword, "");
  }

  /** See {@link Accounts#deleteAccount(String, String, String, String)}. */
  CompletableFuture<Integer> deleteAccount(String sessionToken, String email, String currentPassword, String code);

  /** See {@link Accounts#sendLoginCode(String)}. */
  CompletableFuture<LoginCode> sendLoginCode(String email);
}
