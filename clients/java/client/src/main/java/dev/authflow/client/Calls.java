package dev.authflow.client;

import dev.authflow.v1.AuthServiceGrpc;
import dev.authflow.v1.ChangePasswordRequest;
import dev.authflow.v1.ChangePasswordResponse;
import dev.authflow.v1.FooBarRequest;
import dev.authflow.v1.LoginRequest;
import dev.authflow.v1.LoginResponse;
import dev.authflow.v1.LogoutRequest;
import dev.authflow.v1.SignUpRequest;
import dev.authflow.v1.ValidateRequest;
import io.grpc.Status;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** The calls of AuthService for one visitor, step by step. */
final class Calls {
  /** Never a nonce: the server tells the faults of all parameters before it looks at it. */
  private static final String NO_NONCE = "-";

  private final Visitor visitor;

  Calls(Visitor visitor) {
    this.visitor = visitor;
  }

  Call<Nonce> fooBar(String identity) {
    FooBarRequest request = nonceFor(identity);
    return Call.of("FooBar", AuthServiceGrpc.getFooBarMethod(), request, Nonce::from);
  }

  Call<User> signUp(String email, String password, String fullName, boolean disclaimed) {
    SignUpRequest request =
        SignUpRequest.newBuilder()
            .setEmail(given(email))
            .setPassword(given(password))
            .setFullname(given(fullName))
            .setDisclaimed(disclaimed)
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return new Call<>(
        "SignUp",
        attempt ->
            nonce(attempt, email)
                .thenCompose(
                    nonce -> {
                      attempt.mustNotBeDoneTwice();
                      return attempt.send(
                          AuthServiceGrpc.getSignUpMethod(), request.toBuilder().setFoobar(nonce).build());
                    })
                .thenApply(User::from));
  }

  Call<Session> login(String email, String password, String sessionToken) {
    return login(email, password, sessionToken, Session::from);
  }

  Call<LoginStep> loginStep(String email, String password, String sessionToken) {
    return Call.stepwise(login(email, password, sessionToken, reply -> LoginStep.of(Session.from(reply))));
  }

  private <T> Call<T> login(
      String email, String password, String sessionToken, Function<LoginResponse, T> read) {
    LoginRequest request =
        LoginRequest.newBuilder()
            .setEmail(given(email))
            .setPassword(given(password))
            .setSessionToken(TokenClaims.isSendable(given(sessionToken)) ? given(sessionToken) : "")
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return new Call<>(
        "Login",
        attempt ->
            nonce(attempt, email)
                .thenCompose(
                    nonce ->
                        attempt.send(
                            AuthServiceGrpc.getLoginMethod(), request.toBuilder().setFoobar(nonce).build()))
                .thenApply(read));
  }

  Call<SessionUser> validate(String sessionToken) {
    return withClaimedEmail("Validate", sessionToken, email -> validate(sessionToken, email));
  }

  Call<SessionUser> validate(String sessionToken, String email) {
    ValidateRequest request =
        ValidateRequest.newBuilder()
            .setSessionToken(given(sessionToken))
            .setEmail(given(email))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.of("Validate", AuthServiceGrpc.getValidateMethod(), request, SessionUser::from);
  }

  Call<Integer> changePassword(
      String sessionToken, String email, String newPassword, String currentPassword, String code) {
    return withEmail(
        "ChangePassword",
        sessionToken,
        email,
        address -> {
          ChangePasswordRequest request =
              ChangePasswordRequest.newBuilder()
                  .setSessionToken(given(sessionToken))
                  .setEmail(address)
                  .setNewPassword(given(newPassword))
                  .setCurrentPassword(given(currentPassword))
                  .setCode(given(code))
                  .setClientIp(visitor.clientIp())
                  .setUserAgent(visitor.userAgent())
                  .build();
          return Call.once(
              "ChangePassword",
              AuthServiceGrpc.getChangePasswordMethod(),
              request,
              ChangePasswordResponse::getEndedSessions);
        });
  }

  Call<Void> logout(String sessionToken) {
    return withClaimedEmail("Logout", sessionToken, email -> logout(sessionToken, email));
  }

  Call<Void> logout(String sessionToken, String email) {
    LogoutRequest request =
        LogoutRequest.newBuilder()
            .setSessionToken(given(sessionToken))
            .setEmail(given(email))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.of("Logout", AuthServiceGrpc.getLogoutMethod(), request, reply -> null);
  }

  /** A call with the e-mail that is given, or that the token claims. */
  static <T> Call<T> withEmail(
      String name, String sessionToken, String email, Function<String, Call<T>> call) {
    return given(email).isEmpty() ? withClaimedEmail(name, sessionToken, call) : call.apply(email);
  }

  private static <T> Call<T> withClaimedEmail(String name, String sessionToken, Function<String, Call<T>> call) {
    return TokenClaims.email(given(sessionToken))
        .map(call)
        .orElseGet(
            () -> new Call<>(name, attempt -> CompletableFuture.failedFuture(AuthFlowException.noSession())));
  }

  private CompletableFuture<String> nonce(Attempt attempt, String email) {
    return attempt
        .send(AuthServiceGrpc.getFooBarMethod(), nonceFor(email))
        .handle((reply, failure) -> failure == null ? reply.getToken() : withoutNonce(failure));
  }

  /** Has the call itself tell what is wrong with its parameters, by their names and all together. */
  private static String withoutNonce(Throwable failure) {
    if (Status.fromThrowable(failure).getCode() == Status.Code.INVALID_ARGUMENT) {
      return NO_NONCE;
    }
    throw new CompletionException(failure);
  }

  private FooBarRequest nonceFor(String identity) {
    return FooBarRequest.newBuilder()
        .setIdentity(given(identity))
        .setClientIp(visitor.clientIp())
        .setUserAgent(visitor.userAgent())
        .build();
  }

  /** Null is not given, as empty is: the server tells what is missing. */
  static String given(String parameter) {
    return Objects.requireNonNullElse(parameter, "");
  }
}
