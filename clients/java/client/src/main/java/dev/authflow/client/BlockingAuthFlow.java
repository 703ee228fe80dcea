package dev.authflow.client;

/** The calls for one visitor, on the threads that make them. */
final class BlockingAuthFlow implements AuthFlow {
  private final Calls calls;
  private final BlockingCalls blocking;

  BlockingAuthFlow(Calls calls, BlockingCalls blocking) {
    this.calls = calls;
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
  public AuthFlow withVisitor(Visitor visitor) {
    return new BlockingAuthFlow(new Calls(visitor), blocking);
  }
}
