package dev.authflow.client;

import java.util.List;

/** The calls for one visitor, on the threads that make them. */
final class BlockingAuthFlow implements AuthFlow {
  private final Calls calls;
  private final AccountCalls accounts;
  private final BlockingCalls blocking;

  BlockingAuthFlow(Visitor visitor, BlockingCalls blocking) {
    this.calls = new Calls(visitor);
    this.accounts = new AccountCalls(visitor);
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
  public SessionUser validate(String sessionToken) {
    return blocking.make(calls.validate(sessionToken));
  }

  @Override
  public SessionUser validate(String sessionToken, String email) {
    return blocking.make(calls.validate(sessionToken, email));
  }

  @Override
  public int changePassword(String sessionToken, String newPassword) {
    return blocking.make(calls.changePassword(sessionToken, newPassword, ""));
  }

  @Override
  public int changePassword(String sessionToken, String newPassword, String currentPassword) {
    return blocking.make(calls.changePassword(sessionToken, newPassword, currentPassword));
  }

  @Override
  public int changePassword(String sessionToken, String email, String newPassword, String currentPassword) {
    return blocking.make(calls.changePassword(sessionToken, email, newPassword, currentPassword));
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
  public PasswordReset resetPassword(String token, String newPassword) {
    return blocking.make(accounts.resetPassword(token, newPassword));
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
  public AuthFlow withVisitor(Visitor visitor) {
    return new BlockingAuthFlow(visitor, blocking);
  }
}
