package dev.authflow.client;

import java.util.concurrent.CompletableFuture;

/**
 * {@link AuthFlow} without blocking. A future that does not succeed fails with {@link AuthFlowException}; one that is
 * cancelled ends its call. What depends on a future runs on gRPC's executor, unless it is given another, and in the
 * {@code io.grpc.Context} that the call was made in.
 *
 * <p>Each call means what its namesake of {@link AuthFlow} does.
 */
public interface AuthFlowAsync extends AccountsAsync, SecondFactorsAsync {
  /** See {@link AuthFlow#fooBar}. */
  CompletableFuture<Nonce> fooBar(String identity);

  /** See {@link AuthFlow#signUp}. */
  CompletableFuture<User> signUp(String email, String password, String fullName, boolean disclaimed);

  /** See {@link AuthFlow#login(String, String)}. */
  CompletableFuture<Session> login(String email, String password);

  /** See {@link AuthFlow#login(String, String, String)}. */
  CompletableFuture<Session> login(String email, String password, String sessionToken);

  /** See {@link AuthFlow#loginStep(String, String)}. */
  CompletableFuture<LoginStep> loginStep(String email, String password);

  /** See {@link AuthFlow#loginStep(String, String, String)}. */
  CompletableFuture<LoginStep> loginStep(String email, String password, String sessionToken);

  /** See {@link AuthFlow#validate(String)}. */
  CompletableFuture<SessionUser> validate(String sessionToken);

  /** See {@link AuthFlow#validate(String, String)}. */
  CompletableFuture<SessionUser> validate(String sessionToken, String email);

  /** See {@link AuthFlow#changePassword(String, String)}. */
  default CompletableFuture<Integer> changePassword(String sessionToken, String newPassword) {
    return changePassword(sessionToken, "", newPassword, "", "");
  }

  /** See {@link AuthFlow#changePassword(String, String, String)}. */
  default CompletableFuture<Integer> changePassword(String sessionToken, String newPassword, String currentPassword) {
    return changePassword(sessionToken, "", newPassword, currentPassword, "");
  }

  /** See {@link AuthFlow#changePassword(String, String, String, String)}. */
  default CompletableFuture<Integer> changePassword(
      String sessionToken, String email, String newPassword, String currentPassword) {
    return changePassword(sessionToken, email, newPassword, currentPassword, "");
  }

  /** See {@link AuthFlow#changePassword(String, String, String, String, String)}. */
  CompletableFuture<Integer> changePassword(
      String sessionToken, String email, String newPassword, String currentPassword, String code);

  /** See {@link AuthFlow#logout(String)}. */
  CompletableFuture<Void> logout(String sessionToken);

  /** See {@link AuthFlow#logout(String, String)}. */
  CompletableFuture<Void> logout(String sessionToken, String email);

  /** The same, on the same connection, for calls that are made for this visitor. */
  AuthFlowAsync withVisitor(Visitor visitor);
}
