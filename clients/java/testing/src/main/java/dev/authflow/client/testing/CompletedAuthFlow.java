package dev.authflow.client.testing;

import dev.authflow.client.Account;
import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowAsync;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.MySession;
import dev.authflow.client.Nonce;
import dev.authflow.client.PasswordReset;
import dev.authflow.client.Session;
import dev.authflow.client.SessionUser;
import dev.authflow.client.User;
import dev.authflow.client.VerifiedEmail;
import dev.authflow.client.Visitor;
import java.util.List;
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
  public CompletableFuture<Account> me(String sessionToken, String email) {
    return completed(() -> authflow.me(sessionToken, email));
  }

  @Override
  public CompletableFuture<Void> sendVerificationEmail(String email) {
    return completed(
        () -> {
          authflow.sendVerificationEmail(email);
          return null;
        });
  }

  @Override
  public CompletableFuture<VerifiedEmail> verifyEmail(String token) {
    return completed(() -> authflow.verifyEmail(token));
  }

  @Override
  public CompletableFuture<Void> forgotPassword(String email) {
    return completed(
        () -> {
          authflow.forgotPassword(email);
          return null;
        });
  }

  @Override
  public CompletableFuture<PasswordReset> resetPassword(String token, String newPassword) {
    return completed(() -> authflow.resetPassword(token, newPassword));
  }

  @Override
  public CompletableFuture<Session> renewSession(String sessionToken, String email) {
    return completed(() -> authflow.renewSession(sessionToken, email));
  }

  @Override
  public CompletableFuture<List<MySession>> listMySessions(String sessionToken, String email) {
    return completed(() -> authflow.listMySessions(sessionToken, email));
  }

  @Override
  public CompletableFuture<Integer> endMySessions(String sessionToken, String email, String sessionId) {
    return completed(() -> authflow.endMySessions(sessionToken, email, sessionId));
  }

  @Override
  public CompletableFuture<Account> updateProfile(String sessionToken, String email, String fullName) {
    return completed(() -> authflow.updateProfile(sessionToken, email, fullName));
  }

  @Override
  public CompletableFuture<Void> changeEmail(
      String sessionToken, String email, String newEmail, String currentPassword, String code) {
    return completed(
        () -> {
          authflow.changeEmail(sessionToken, email, newEmail, currentPassword, code);
          return null;
        });
  }

  @Override
  public CompletableFuture<Integer> deleteAccount(
      String sessionToken, String email, String currentPassword, String code) {
    return completed(() -> authflow.deleteAccount(sessionToken, email, currentPassword, code));
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
