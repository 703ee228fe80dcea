package dev.authflow.client.testing;

import dev.authflow.client.Account;
import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowAsync;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.LoginCode;
import dev.authflow.client.LoginStep;
import dev.authflow.client.MySession;
import dev.authflow.client.Nonce;
import dev.authflow.client.PasswordReset;
import dev.authflow.client.Session;
import dev.authflow.client.SessionUser;
import dev.authflow.client.TotpConfirmation;
import dev.authflow.client.TotpSetup;
import dev.authflow.client.User;
import dev.authflow.client.VerifiedEmail;
import dev.authflow.client.Visitor;
import java.time.Instant;
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
  public CompletableFuture<LoginStep> loginStep(String email, String password) {
    return completed(() -> authflow.loginStep(email, password));
  }

  @Override
  public CompletableFuture<LoginStep> loginStep(String email, String password, String sessionToken) {
    return completed(() -> authflow.loginStep(email, password, sessionToken));
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
  public CompletableFuture<Integer> changePassword(
      String sessionToken, String email, String newPassword, String currentPassword, String code) {
    return completed(() -> authflow.changePassword(sessionToken, email, newPassword, currentPassword, code));
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
  public CompletableFuture<PasswordReset> resetPassword(String token, String newPassword, String currentPassword) {
    return completed(() -> authflow.resetPassword(token, newPassword, currentPassword));
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
  public CompletableFuture<LoginCode> sendLoginCode(String email) {
    return completed(() -> authflow.sendLoginCode(email));
  }

  @Override
  public CompletableFuture<TotpSetup> enableTotp(String sessionToken, String email, String currentPassword) {
    return completed(() -> authflow.enableTotp(sessionToken, email, currentPassword));
  }

  @Override
  public CompletableFuture<TotpSetup> enableTotpByChallenge(String challenge) {
    return completed(() -> authflow.enableTotpByChallenge(challenge));
  }

  @Override
  public CompletableFuture<TotpConfirmation> confirmTotp(String sessionToken, String email, String code) {
    return completed(() -> authflow.confirmTotp(sessionToken, email, code));
  }

  @Override
  public CompletableFuture<TotpConfirmation> confirmTotpByChallenge(String challenge, String code) {
    return completed(() -> authflow.confirmTotpByChallenge(challenge, code));
  }

  @Override
  public CompletableFuture<Void> disableTotp(String sessionToken, String email, String currentPassword, String code) {
    return completed(
        () -> {
          authflow.disableTotp(sessionToken, email, currentPassword, code);
          return null;
        });
  }

  @Override
  public CompletableFuture<List<String>> regenerateRecoveryCodes(
      String sessionToken, String email, String currentPassword, String code) {
    return completed(() -> authflow.regenerateRecoveryCodes(sessionToken, email, currentPassword, code));
  }

  @Override
  public CompletableFuture<LoginStep> verifyTotp(String challenge, String code) {
    return completed(() -> authflow.verifyTotp(challenge, code));
  }

  @Override
  public CompletableFuture<Instant> sendEmailCode(String challenge) {
    return completed(() -> authflow.sendEmailCode(challenge));
  }

  @Override
  public CompletableFuture<LoginStep> verifyEmailCode(String challenge, String code) {
    return completed(() -> authflow.verifyEmailCode(challenge, code));
  }

  @Override
  public CompletableFuture<LoginStep> verifyRecoveryCode(String challenge, String recoveryCode) {
    return completed(() -> authflow.verifyRecoveryCode(challenge, recoveryCode));
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
