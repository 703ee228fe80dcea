package dev.authflow.client;

import dev.authflow.v1.AccountServiceGrpc;
import dev.authflow.v1.ChangeEmailRequest;
import dev.authflow.v1.DeleteAccountRequest;
import dev.authflow.v1.DeleteAccountResponse;
import dev.authflow.v1.EndMySessionsRequest;
import dev.authflow.v1.EndMySessionsResponse;
import dev.authflow.v1.ForgotPasswordRequest;
import dev.authflow.v1.ListMySessionsRequest;
import dev.authflow.v1.ListMySessionsResponse;
import dev.authflow.v1.MeRequest;
import dev.authflow.v1.RenewSessionRequest;
import dev.authflow.v1.ResetPasswordRequest;
import dev.authflow.v1.SendLoginCodeRequest;
import dev.authflow.v1.SendVerificationEmailRequest;
import dev.authflow.v1.UpdateProfileRequest;
import dev.authflow.v1.VerifyEmailRequest;
import java.util.List;
import java.util.stream.Collectors;

/** The calls of AccountService for one visitor. */
final class AccountCalls {
  private final Visitor visitor;

  AccountCalls(Visitor visitor) {
    this.visitor = visitor;
  }

  Call<Account> me(String sessionToken, String email) {
    MeRequest request =
        MeRequest.newBuilder()
            .setSessionToken(Calls.given(sessionToken))
            .setEmail(Calls.given(email))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.of("Me", AccountServiceGrpc.getMeMethod(), request, Account::from);
  }

  Call<Void> sendVerificationEmail(String email) {
    SendVerificationEmailRequest request =
        SendVerificationEmailRequest.newBuilder()
            .setEmail(Calls.given(email))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.of("SendVerificationEmail", AccountServiceGrpc.getSendVerificationEmailMethod(), request, reply -> null);
  }

  Call<VerifiedEmail> verifyEmail(String token) {
    VerifyEmailRequest request =
        VerifyEmailRequest.newBuilder()
            .setToken(Calls.given(token))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.of("VerifyEmail", AccountServiceGrpc.getVerifyEmailMethod(), request, VerifiedEmail::from);
  }

  Call<Void> forgotPassword(String email) {
    ForgotPasswordRequest request =
        ForgotPasswordRequest.newBuilder()
            .setEmail(Calls.given(email))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.of("ForgotPassword", AccountServiceGrpc.getForgotPasswordMethod(), request, reply -> null);
  }

  Call<PasswordReset> resetPassword(String token, String newPassword, String currentPassword) {
    ResetPasswordRequest request =
        ResetPasswordRequest.newBuilder()
            .setToken(Calls.given(token))
            .setNewPassword(Calls.given(newPassword))
            .setCurrentPassword(Calls.given(currentPassword))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.once("ResetPassword", AccountServiceGrpc.getResetPasswordMethod(), request, PasswordReset::from);
  }

  Call<Session> renewSession(String sessionToken, String email) {
    return Calls.withEmail(
        "RenewSession",
        sessionToken,
        email,
        address -> {
          RenewSessionRequest request =
              RenewSessionRequest.newBuilder()
                  .setSessionToken(Calls.given(sessionToken))
                  .setEmail(address)
                  .setClientIp(visitor.clientIp())
                  .setUserAgent(visitor.userAgent())
                  .build();
          return Call.of(
              "RenewSession", AccountServiceGrpc.getRenewSessionMethod(), request, Session::from);
        });
  }

  Call<List<MySession>> listMySessions(String sessionToken, String email) {
    return Calls.withEmail(
        "ListMySessions",
        sessionToken,
        email,
        address -> {
          ListMySessionsRequest request =
              ListMySessionsRequest.newBuilder()
                  .setSessionToken(Calls.given(sessionToken))
                  .setEmail(address)
                  .setClientIp(visitor.clientIp())
                  .setUserAgent(visitor.userAgent())
                  .build();
          return Call.of(
              "ListMySessions", AccountServiceGrpc.getListMySessionsMethod(), request, AccountCalls::sessions);
        });
  }

  Call<Integer> endMySessions(String sessionToken, String email, String sessionId) {
    return Calls.withEmail(
        "EndMySessions",
        sessionToken,
        email,
        address -> {
          EndMySessionsRequest request =
              EndMySessionsRequest.newBuilder()
                  .setSessionToken(Calls.given(sessionToken))
                  .setEmail(address)
                  .setSessionId(Calls.given(sessionId))
                  .setClientIp(visitor.clientIp())
                  .setUserAgent(visitor.userAgent())
                  .build();
          return Call.of(
              "EndMySessions", AccountServiceGrpc.getEndMySessionsMethod(), request, EndMySessionsResponse::getEndedSessions);
        });
  }

  Call<Account> updateProfile(String sessionToken, String email, String fullName) {
    return Calls.withEmail(
        "UpdateProfile",
        sessionToken,
        email,
        address -> {
          UpdateProfileRequest request =
              UpdateProfileRequest.newBuilder()
                  .setSessionToken(Calls.given(sessionToken))
                  .setEmail(address)
                  .setFullname(Calls.given(fullName))
                  .setClientIp(visitor.clientIp())
                  .setUserAgent(visitor.userAgent())
                  .build();
          return Call.of(
              "UpdateProfile", AccountServiceGrpc.getUpdateProfileMethod(), request, Account::from);
        });
  }

  Call<Void> changeEmail(String sessionToken, String email, String newEmail, String currentPassword, String code) {
    return Calls.withEmail(
        "ChangeEmail",
        sessionToken,
        email,
        address -> {
          ChangeEmailRequest request =
              ChangeEmailRequest.newBuilder()
                  .setSessionToken(Calls.given(sessionToken))
                  .setEmail(address)
                  .setNewEmail(Calls.given(newEmail))
                  .setCurrentPassword(Calls.given(currentPassword))
                  .setCode(Calls.given(code))
                  .setClientIp(visitor.clientIp())
                  .setUserAgent(visitor.userAgent())
                  .build();
          // A code is good once: who repeats it is refused, although the mail was sent.
          return request.getCode().isEmpty()
              ? Call.of("ChangeEmail", AccountServiceGrpc.getChangeEmailMethod(), request, reply -> null)
              : Call.once("ChangeEmail", AccountServiceGrpc.getChangeEmailMethod(), request, reply -> null);
        });
  }

  Call<Integer> deleteAccount(String sessionToken, String email, String currentPassword, String code) {
    return Calls.withEmail(
        "DeleteAccount",
        sessionToken,
        email,
        address -> {
          DeleteAccountRequest request =
              DeleteAccountRequest.newBuilder()
                  .setSessionToken(Calls.given(sessionToken))
                  .setEmail(address)
                  .setCurrentPassword(Calls.given(currentPassword))
                  .setCode(Calls.given(code))
                  .setClientIp(visitor.clientIp())
                  .setUserAgent(visitor.userAgent())
                  .build();
          return Call.once(
              "DeleteAccount", AccountServiceGrpc.getDeleteAccountMethod(), request, DeleteAccountResponse::getEndedSessions);
        });
  }

  Call<LoginCode> sendLoginCode(String email) {
    SendLoginCodeRequest request =
        SendLoginCodeRequest.newBuilder()
            .setEmail(Calls.given(email))
            .setClientIp(visitor.clientIp())
            .setUserAgent(visitor.userAgent())
            .build();
    return Call.once("SendLoginCode", AccountServiceGrpc.getSendLoginCodeMethod(), request, LoginCode::from);
  }

  private static List<MySession> sessions(ListMySessionsResponse reply) {
    return reply.getSessionsList().stream().map(MySession::from).collect(Collectors.toUnmodifiableList());
  }
}
