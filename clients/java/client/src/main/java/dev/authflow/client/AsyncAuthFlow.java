package dev.authflow.client;

import java.util.concurrent.CompletableFuture;

/** The calls for one visitor, on no thread of the caller's. */
final class AsyncAuthFlow implements AuthFlowAsync {
  private final Calls calls;
  private final AsyncCalls async;

  AsyncAuthFlow(Calls calls, AsyncCalls async) {
    this.calls = calls;
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
  public CompletableFuture<SessionUser> validate(String sessionToken) {
    return async.make(calls.validate(sessionToken));
  }

  @Override
  public CompletableFuture<SessionUser> validate(String sessionToken, String email) {
    return async.make(calls.validate(sessionToken, email));
  }

  @Override
  public CompletableFuture<Integer> changePassword(String sessionToken, String newPassword) {
    return async.make(calls.changePassword(sessionToken, newPassword, ""));
  }

  @Override
  public CompletableFuture<Integer> changePassword(
      String sessionToken, String newPassword, String currentPassword) {
    return async.make(calls.changePassword(sessionToken, newPassword, currentPassword));
  }

  @Override
  public CompletableFuture<Integer> changePassword(
      String sessionToken, String email, String newPassword, String currentPassword) {
    return async.make(calls.changePassword(sessionToken, email, newPassword, currentPassword));
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
  public AuthFlowAsync withVisitor(Visitor visitor) {
    return new AsyncAuthFlow(new Calls(visitor), async);
  }
}
