package dev.authflow.client;

import java.time.Instant;
import java.util.List;

/** The calls for one visitor, on the threads that make them. */
final class BlockingAuthFlow implements AuthFlow {
  private final Calls calls;
  private final AccountCalls accounts;
  private final SecondFactorCalls secondFactors;
  private final BlockingCalls blocking;

  BlockingAuthFlow(Visitor visitor, BlockingCalls blocking) {
    this.calls = new Calls(visitor);
    this.accounts = new AccountCalls(visitor);
    this.secondFactors = new SecondFactorCalls(visitor);
    this.blocking = blocking;
  }

  @Override
  public Nonce fooBar(String identity) {
    return blocking.make(calls.fooBar(identity));
  }

  @Override
  public User signUp(String email, String password, String fullName, boolean disclaimed) {
    return blocking.make(calls.signUp(email, password, fullName, disclaimed));
  }

  @Override
  public Session login(String email, String password) {
    return login(email, password, PreviousSession.current());
  }

  @Override
  public Session login(String email, String password, String sessionToken) {
    return blocking.make(calls.login(email, password, sessionToken));
  }

  @Override
  public LoginStep loginStep(String email, String password) {
    return loginStep(email, password, PreviousSession.current());
  }

  @Override
  public LoginStep loginStep(String email, String password, String sessionToken) {
    return blocking.make(calls.loginStep(email, password, sessionToken));
  }

  @Override
  public SessionUser validate(String sessionToken) {
    return blocking.make(calls.validate(sessionToken));
  }

  @Override
  public SessionUser validate(String sessionToken, String email) {
    return blocking.make(calls.validate(sessionToken, email));
  }

  @Override
  public int changePassword(
      String sessionToken, String email, String newPassword, String currentPassword, String code) {
    return blocking.make(calls.changePassword(sessionToken, email, newPassword, currentPassword, code));
  }

  @Override
  public void logout(String sessionToken) {
    blocking.make(calls.logout(sessionToken));
  }

  @Override
  public void logout(String sessionToken, String email) {
    blocking.make(calls.logout(sessionToken, email));
  }

  @Override
  public Account me(String sessionToken, String email) {
    return blocking.make(accounts.me(sessionToken, email));
  }

  @Override
  public void sendVerificationEmail(String email) {
    blocking.make(accounts.sendVerificationEmail(email));
  }

  @Override
  public VerifiedEmail verifyEmail(String token) {
    return blocking.make(accounts.verifyEmail(token));
  }

  @Override
  public void forgotPassword(String email) {
    blocking.make(accounts.forgotPassword(email));
  }

  @Override
  public PasswordReset resetPassword(String token, String newPassword, String currentPassword) {
    return blocking.make(accounts.resetPassword(token, newPassword, currentPassword));
  }

  @Override
  public Session renewSession(String sessionToken, String email) {
    return blocking.make(accounts.renewSession(sessionToken, email));
  }

  @Override
  public List<MySession> listMySessions(String sessionToken, String email) {
    return blocking.make(accounts.listMySessions(sessionToken, email));
  }

  @Override
  public int endMySessions(String sessionToken, String email, String sessionId) {
    return blocking.make(accounts.endMySessions(sessionToken, email, sessionId));
  }

  @Override
  public Account updateProfile(String sessionToken, String email, String fullName) {
    return blocking.make(accounts.updateProfile(sessionToken, email, fullName));
  }

  @Override
  public void changeEmail(String sessionToken, String email, String newEmail, String currentPassword, String code) {
    blocking.make(accounts.changeEmail(sessionToken, email, newEmail, currentPassword, code));
  }

  @Override
  public int deleteAccount(String sessionToken, String email, String currentPassword, String code) {
    return blocking.make(accounts.deleteAccount(sessionToken, email, currentPassword, code));
  }

  @Override
  public LoginCode sendLoginCode(String email) {
    return blocking.make(accounts.sendLoginCode(email));
  }

  @Override
  public TotpSetup enableTotp(String sessionToken, String email, String currentPassword) {
    return blocking.make(secondFactors.enableTotp(sessionToken, email, currentPassword));
  }

  @Override
  public TotpSetup enableTotpByChallenge(String challenge) {
    return blocking.make(secondFactors.enableTotpByChallenge(challenge));
  }

  @Override
  public TotpConfirmation confirmTotp(String sessionToken, String email, String code) {
    return blocking.make(secondFactors.confirmTotp(sessionToken, email, code));
  }

  @Override
  public TotpConfirmation confirmTotpByChallenge(String challenge, String code) {
    return blocking.make(secondFactors.confirmTotpByChallenge(challenge, code));
  }

  @Override
  public void disableTotp(String sessionToken, String email, String currentPassword, String code) {
    blocking.make(secondFactors.disableTotp(sessionToken, email, currentPassword, code));
  }

  @Override
  public List<String> regenerateRecoveryCodes(
      String sessionToken, String email, String currentPassword, String code) {
    return blocking.make(secondFactors.regenerateRecoveryCodes(sessionToken, email, currentPassword, code));
  }

  @Override
  public LoginStep verifyTotp(String challenge, String code) {
    return blocking.make(secondFactors.verifyTotp(challenge, code));
  }

  @Override
  public Instant sendEmailCode(String challenge) {
    return blocking.make(secondFactors.sendEmailCode(challenge));
  }

  @Override
  public LoginStep verifyEmailCode(String challenge, String code) {
    return blocking.make(secondFactors.verifyEmailCode(challenge, code));
  }

  @Override
  public LoginStep verifyRecoveryCode(String challenge, String recoveryCode) {
    return blocking.make(secondFactors.verifyRecoveryCode(challenge, recoveryCode));
  }

  @Override
  public AuthFlow withVisitor(Visitor visitor) {
    return new BlockingAuthFlow(visitor, blocking);
  }
}
