package dev.authflow.client.testing;

import dev.authflow.client.Account;
import dev.authflow.client.AuthFlow;
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
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** The calls of the fake, one at a time. */
abstract class FakeCalls implements AuthFlow {
  final FakeStore store;
  final FakeSettings settings = new FakeSettings();
  final FakeMails mails;
  private final FakeLogins logins;
  private final FakeAccounts accounts;
  private final FakeSecondFactors secondFactors;
  boolean isReachable = true;

  FakeCalls(Clock clock) {
    store = new FakeStore(clock);
    mails = new FakeMails(store);
    FakeCodes codes = new FakeCodes(store);
    FakeProofs proofs = new FakeProofs(store, codes);
    FakeChallenges challenges = new FakeChallenges(store);
    FakeSteps steps = new FakeSteps(store, settings, challenges);
    logins = new FakeLogins(store, proofs, steps);
    accounts = new FakeAccounts(store, settings, mails, challenges, proofs);
    secondFactors = new FakeSecondFactors(store, settings, mails, challenges, codes, proofs, steps);
  }

  @Override
  public synchronized Nonce fooBar(String identity) {
    begin();
    return logins.fooBar(identity);
  }

  @Override
  public synchronized User signUp(String email, String password, String fullName, boolean disclaimed) {
    begin();
    return logins.signUp(email, password, fullName, disclaimed);
  }

  @Override
  public synchronized Session login(String email, String password) {
    begin();
    return logins.login(email, password);
  }

  /** Whatever session the device had before: the fake counts no tries. */
  @Override
  public Session login(String email, String password, String sessionToken) {
    return login(email, password);
  }

  @Override
  public LoginStep loginStep(String email, String password) {
    return FakeSteps.step(() -> login(email, password));
  }

  /** Whatever session the device had before: the fake counts no tries. */
  @Override
  public LoginStep loginStep(String email, String password, String sessionToken) {
    return loginStep(email, password);
  }

  @Override
  public SessionUser validate(String sessionToken) {
    return validate(sessionToken, claimedEmail(sessionToken));
  }

  @Override
  public synchronized SessionUser validate(String sessionToken, String email) {
    begin();
    return logins.validate(sessionToken, email);
  }

  @Override
  public synchronized int changePassword(
      String sessionToken, String email, String newPassword, String currentPassword, String code) {
    begin();
    return logins.changePassword(sessionToken, email, newPassword, currentPassword, code);
  }

  @Override
  public void logout(String sessionToken) {
    logout(sessionToken, claimedEmail(sessionToken));
  }

  @Override
  public synchronized void logout(String sessionToken, String email) {
    begin();
    logins.logout(sessionToken, email);
  }

  @Override
  public synchronized Account me(String sessionToken, String email) {
    begin();
    return accounts.me(sessionToken, email);
  }

  @Override
  public synchronized void sendVerificationEmail(String email) {
    begin();
    accounts.sendVerificationEmail(email);
  }

  @Override
  public synchronized VerifiedEmail verifyEmail(String token) {
    begin();
    return accounts.verifyEmail(token);
  }

  @Override
  public synchronized void forgotPassword(String email) {
    begin();
    accounts.forgotPassword(email);
  }

  @Override
  public synchronized PasswordReset resetPassword(String token, String newPassword, String currentPassword) {
    begin();
    return accounts.resetPassword(token, newPassword, currentPassword);
  }

  @Override
  public synchronized Session renewSession(String sessionToken, String email) {
    begin();
    return accounts.renewSession(sessionToken, email);
  }

  @Override
  public synchronized List<MySession> listMySessions(String sessionToken, String email) {
    begin();
    return accounts.listMySessions(sessionToken, email);
  }

  @Override
  public synchronized int endMySessions(String sessionToken, String email, String sessionId) {
    begin();
    return accounts.endMySessions(sessionToken, email, sessionId);
  }

  @Override
  public synchronized Account updateProfile(String sessionToken, String email, String fullName) {
    begin();
    return accounts.updateProfile(sessionToken, email, fullName);
  }

  @Override
  public synchronized void changeEmail(
      String sessionToken, String email, String newEmail, String currentPassword, String code) {
    begin();
    accounts.changeEmail(sessionToken, email, newEmail, currentPassword, code);
  }

  @Override
  public synchronized int deleteAccount(String sessionToken, String email, String currentPassword, String code) {
    begin();
    return accounts.deleteAccount(sessionToken, email, currentPassword, code);
  }

  @Override
  public synchronized LoginCode sendLoginCode(String email) {
    begin();
    return accounts.sendLoginCode(email);
  }

  @Override
  public synchronized TotpSetup enableTotp(String sessionToken, String email, String currentPassword) {
    begin();
    return secondFactors.enableTotp(sessionToken, email, currentPassword);
  }

  @Override
  public synchronized TotpSetup enableTotpByChallenge(String challenge) {
    begin();
    return secondFactors.enableTotpByChallenge(challenge);
  }

  @Override
  public synchronized TotpConfirmation confirmTotp(String sessionToken, String email, String code) {
    begin();
    return secondFactors.confirmTotp(sessionToken, email, code);
  }

  @Override
  public synchronized TotpConfirmation confirmTotpByChallenge(String challenge, String code) {
    begin();
    return secondFactors.confirmTotpByChallenge(challenge, code);
  }

  @Override
  public synchronized void disableTotp(String sessionToken, String email, String currentPassword, String code) {
    begin();
    secondFactors.disableTotp(sessionToken, email, currentPassword, code);
  }

  @Override
  public synchronized List<String> regenerateRecoveryCodes(
      String sessionToken, String email, String currentPassword, String code) {
    begin();
    return secondFactors.regenerateRecoveryCodes(sessionToken, email, currentPassword, code);
  }

  @Override
  public synchronized LoginStep verifyTotp(String challenge, String code) {
    begin();
    return secondFactors.verifyTotp(challenge, code);
  }

  @Override
  public synchronized Instant sendEmailCode(String challenge) {
    begin();
    return secondFactors.sendEmailCode(challenge);
  }

  @Override
  public synchronized LoginStep verifyEmailCode(String challenge, String code) {
    begin();
    return secondFactors.verifyEmailCode(challenge, code);
  }

  @Override
  public synchronized LoginStep verifyRecoveryCode(String challenge, String recoveryCode) {
    begin();
    return secondFactors.verifyRecoveryCode(challenge, recoveryCode);
  }

  /** The fake itself: it notes nothing of visitors. */
  @Override
  public AuthFlow withVisitor(Visitor visitor) {
    return this;
  }

  private void begin() {
    if (!isReachable) {
      throw Refusals.unreachable();
    }
  }

  private synchronized String claimedEmail(String token) {
    return store.claimedEmail(token);
  }
}
