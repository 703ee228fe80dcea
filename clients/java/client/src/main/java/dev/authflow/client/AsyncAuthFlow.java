package dev.authflow.client;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The calls for one visitor, on no thread of the caller's. */
final class AsyncAuthFlow implements AuthFlowAsync {
  private final Calls calls;
  private final AccountCalls accounts;
  private final SecondFactorCalls secondFactors;
  private final AsyncCalls async;

  AsyncAuthFlow(Visitor visitor, AsyncCalls async) {
    this.calls = new Calls(visitor);
    this.accounts = new AccountCalls(visitor);
    this.secondFactors = new SecondFactorCalls(visitor);
    this.async = async;
  }

  @Override
  public CompletableFuture<Nonce> fooBar(String identity) {
    return async.make(calls.fooBar(identity));
  }

  @Override
  public CompletableFuture<User> signUp(String email, String password, String fullName, boolean disclaimed) {
    return async.make(calls.signUp(email, password, fullName, disclaimed));
  }

  @Override
  public CompletableFuture<Session> login(String email, String password) {
    return login(email, password, PreviousSession.current());
  }

  @Override
  public CompletableFuture<Session> login(String email, String password, String sessionToken) {
    return async.make(calls.login(email, password, sessionToken));
  }

  @Override
  public CompletableFuture<LoginStep> loginStep(String email, String password) {
    return loginStep(email, password, PreviousSession.current());
  }

  @Override
  public CompletableFuture<LoginStep> loginStep(String email, String password, String sessionToken) {
    return async.make(calls.loginStep(email, password, sessionToken));
  }

  @Override
  public CompletableFuture<SessionUser> validate(String sessionToken) {
    return async.make(calls.validate(sessionToken));
  }

  @Override
  public CompletableFuture<SessionUser> validate(String sessionToken, String email) {
    return async.make(calls.validate(sessionToken, email));
  }

  @Override
  public CompletableFuture<Integer> changePassword(
      String sessionToken, String email, String newPassword, String currentPassword, String code) {
    return async.make(calls.changePassword(sessionToken, email, newPassword, currentPassword, code));
  }

  @Override
  public CompletableFuture<Void> logout(String sessionToken) {
    return async.make(calls.logout(sessionToken));
  }

  @Override
  public CompletableFuture<Void> logout(String sessionToken, String email) {
    return async.make(calls.logout(sessionToken, email));
  }

  @Override
  public CompletableFuture<Account> me(String sessionToken, String email) {
    return async.make(accounts.me(sessionToken, email));
  }

  @Override
  public CompletableFuture<Void> sendVerificationEmail(String email) {
    return async.make(accounts.sendVerificationEmail(email));
  }

  @Override
  public CompletableFuture<VerifiedEmail> verifyEmail(String token) {
    return async.make(accounts.verifyEmail(token));
  }

  @Override
  public CompletableFuture<Void> forgotPassword(String email) {
    return async.make(accounts.forgotPassword(email));
  }

  @Override
  public CompletableFuture<PasswordReset> resetPassword(String token, String newPassword, String currentPassword) {
    return async.make(accounts.resetPassword(token, newPassword, currentPassword));
  }

  @Override
  public CompletableFuture<Session> renewSession(String sessionToken, String email) {
    return async.make(accounts.renewSession(sessionToken, email));
  }

  @Override
  public CompletableFuture<List<MySession>> listMySessions(String sessionToken, String email) {
    return async.make(accounts.listMySessions(sessionToken, email));
  }

  @Override
  public CompletableFuture<Integer> endMySessions(String sessionToken, String email, String sessionId) {
    return async.make(accounts.endMySessions(sessionToken, email, sessionId));
  }

  @Override
  public CompletableFuture<Account> updateProfile(String sessionToken, String email, String fullName) {
    return async.make(accounts.updateProfile(sessionToken, email, fullName));
  }

  @Override
  public CompletableFuture<Void> changeEmail(
      String sessionToken, String email, String newEmail, String currentPassword, String code) {
    return async.make(accounts.changeEmail(sessionToken, email, newEmail, currentPassword, code));
  }

  @Override
  public CompletableFuture<Integer> deleteAccount(
      String sessionToken, String email, String currentPassword, String code) {
    return async.make(accounts.deleteAccount(sessionToken, email, currentPassword, code));
  }

  @Override
  public CompletableFuture<LoginCode> sendLoginCode(String email) {
    return async.make(accounts.sendLoginCode(email));
  }

  @Override
  public CompletableFuture<TotpSetup> enableTotp(String sessionToken, String email, String currentPassword) {
    return async.make(secondFactors.enableTotp(sessionToken, email, currentPassword));
  }

  @Override
  public CompletableFuture<TotpSetup> enableTotpByChallenge(String challenge) {
    return async.make(secondFactors.enableTotpByChallenge(challenge));
  }

  @Override
  public CompletableFuture<TotpConfirmation> confirmTotp(String sessionToken, String email, String code) {
    return async.make(secondFactors.confirmTotp(sessionToken, email, code));
  }

  @Override
  public CompletableFuture<TotpConfirmation> confirmTotpByChallenge(String challenge, String code) {
    return async.make(secondFactors.confirmTotpByChallenge(challenge, code));
  }

  @Override
  public CompletableFuture<Void> disableTotp(String sessionToken, String email, String currentPassword, String code) {
    return async.make(secondFactors.disableTotp(sessionToken, email, currentPassword, code));
  }

  @Override
  public CompletableFuture<List<String>> regenerateRecoveryCodes(
      String sessionToken, String email, String currentPassword, String code) {
    return async.make(secondFactors.regenerateRecoveryCodes(sessionToken, email, currentPassword, code));
  }

  @Override
  public CompletableFuture<LoginStep> verifyTotp(String challenge, String code) {
    return async.make(secondFactors.verifyTotp(challenge, code));
  }

  @Override
  public CompletableFuture<Instant> sendEmailCode(String challenge) {
    return async.make(secondFactors.sendEmailCode(challenge));
  }

  @Override
  public CompletableFuture<LoginStep> verifyEmailCode(String challenge, String code) {
    return async.make(secondFactors.verifyEmailCode(challenge, code));
  }

  @Override
  public CompletableFuture<LoginStep> verifyRecoveryCode(String challenge, String recoveryCode) {
    return async.make(secondFactors.verifyRecoveryCode(challenge, recoveryCode));
  }

  @Override
  public AuthFlowAsync withVisitor(Visitor visitor) {
    return new AsyncAuthFlow(visitor, async);
  }
}
