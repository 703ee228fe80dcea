package dev.authflow.client.testing;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowAsync;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.Nonce;
import dev.authflow.client.Session;
import dev.authflow.client.SessionUser;
import dev.authflow.client.User;
import dev.authflow.client.Visitor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Calls that are over when their futures are given. */
final class CompletedAuthFlow implements AuthFlowAsync {
  private final AuthFlow authflow;

  CompletedAuthFlow(AuthFlow authflow) {
    this.authflow = authflow;
  }

  @Override
  public CompletableFuture<Nonce> fooBar(String identity) {
    return completed(() -> authflow.fooBar(identity));
  }

  @Override
  public CompletableFuture<User> signUp(String email, String password, String fullName, boolean disclaimed) {
    return completed(() -> authflow.signUp(email, password, fullName, disclaimed));
  }

  @Override
  public CompletableFuture<Session> login(String email, String password) {
    return completed(() -> authflow.login(email, password));
  }

  @Override
  public CompletableFuture<Session> login(String email, String password, String sessionToken) {
    return completed(() -> authflow.login(email, password, sessionToken));
  }

  @Override
  public CompletableFuture<SessionUser> validate(String sessionToken) {
    return completed(() -> authflow.validate(sessionToken));
  }

  @Override
  public CompletableFuture<SessionUser> validate(String sessionToken, String email) {
    return completed(() -> authflow.validate(sessionToken, email));
  }

  @Override
  public CompletableFuture<Integer> changePassword(String sessionToken, String newPassword) {
    return completed(() -> authflow.changePassword(sessionToken, newPassword));
  }

  @Override
  public CompletableFuture<Integer> changePassword(
      String sessionToken, String newPassword, String currentPassword) {
    return completed(() -> authflow.changePassword(sessionToken, newPassword, currentPassword));
  }

  @Override
  public CompletableFuture<Integer> changePassword(
      String sessionToken, String email, String newPassword, String currentPassword) {
    return completed(() -> authflow.changePassword(sessionToken, email, newPassword, currentPassword));
  }

  @Override
  public CompletableFuture<Void> logout(String sessionToken) {
    return completed(
        () -> {
          authflow.logout(sessionToken);
          return null;
        });
  }

  @Override
  public CompletableFuture<Void> logout(String sessionToken, String email) {
    return completed(
        () -> {
          authflow.logout(sessionToken, email);
          return null;
        });
  }

  @Override
  public AuthFlowAsync withVisitor(Visitor visitor) {
    return this;
  }

  private static <T> CompletableFuture<T> completed(Supplier<T> call) {
    try {
      return CompletableFuture.completedFuture(call.get());
    } catch (AuthFlowException error) {
      return CompletableFuture.failedFuture(error);
    }
  }
}
