package dev.authflow.client.testing;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.Reason;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.net.ConnectException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Errors as the client reads them from a server. */
final class Refusals {
  private static final Map<String, Code> CODES =
      Map.ofEntries(
          Map.entry(Reason.INVALID_ARGUMENT, Code.INVALID_ARGUMENT),
          Map.entry(Reason.PASSWORD_POLICY, Code.INVALID_ARGUMENT),
          Map.entry(Reason.DISCLAIMER_REQUIRED, Code.INVALID_ARGUMENT),
          Map.entry(Reason.CREDENTIALS_INVALID, Code.UNAUTHENTICATED),
          Map.entry(Reason.SESSION_INVALID, Code.UNAUTHENTICATED),
          Map.entry(Reason.SESSION_EXPIRED, Code.UNAUTHENTICATED),
          Map.entry(Reason.SESSION_REVOKED, Code.UNAUTHENTICATED),
          Map.entry(Reason.TOKEN_INVALID, Code.UNAUTHENTICATED),
          Map.entry(Reason.TOKEN_EXPIRED, Code.UNAUTHENTICATED),
          Map.entry(Reason.CHALLENGE_INVALID, Code.UNAUTHENTICATED),
          Map.entry(Reason.CODE_INVALID, Code.UNAUTHENTICATED),
          Map.entry(Reason.SECOND_FACTOR_REQUIRED, Code.UNAUTHENTICATED),
          Map.entry(Reason.REAUTHENTICATION_REQUIRED, Code.PERMISSION_DENIED),
          Map.entry(Reason.ACCESS_DENIED, Code.PERMISSION_DENIED),
          Map.entry(Reason.USER_DISABLED, Code.PERMISSION_DENIED),
          Map.entry(Reason.EMAIL_NOT_VERIFIED, Code.PERMISSION_DENIED),
          Map.entry(Reason.PASSWORD_CHANGE_REQUIRED, Code.PERMISSION_DENIED),
          Map.entry(Reason.ACCOUNT_LOCKED, Code.RESOURCE_EXHAUSTED),
          Map.entry(Reason.SECOND_FACTOR_ALREADY_ENABLED, Code.ALREADY_EXISTS),
          Map.entry(Reason.SECOND_FACTOR_NOT_ENABLED, Code.FAILED_PRECONDITION),
          Map.entry(Reason.USER_NOT_FOUND, Code.NOT_FOUND),
          Map.entry(Reason.USER_EXISTS, Code.ALREADY_EXISTS));

  private static final Map<String, String> SENTENCES =
      Map.ofEntries(
          Map.entry(Reason.DISCLAIMER_REQUIRED, "The terms must be accepted."),
          Map.entry(Reason.CREDENTIALS_INVALID, "The password is wrong."),
          Map.entry(Reason.SESSION_INVALID, "The session token is not valid."),
          Map.entry(Reason.SESSION_EXPIRED, "The session has expired."),
          Map.entry(Reason.SESSION_REVOKED, "The session was ended."),
          Map.entry(Reason.TOKEN_INVALID, "The token is not valid."),
          Map.entry(Reason.TOKEN_EXPIRED, "The token is too old."),
          Map.entry(Reason.CHALLENGE_INVALID, "The login must begin anew."),
          Map.entry(Reason.CODE_INVALID, "The code is wrong."),
          Map.entry(Reason.SECOND_FACTOR_REQUIRED, "The login needs a second factor."),
          Map.entry(Reason.REAUTHENTICATION_REQUIRED, "The present password is needed, or a new login, and a code."),
          Map.entry(Reason.ACCESS_DENIED, "The organization takes no logins by mail."),
          Map.entry(Reason.USER_DISABLED, "The user is disabled."),
          Map.entry(Reason.EMAIL_NOT_VERIFIED, "The e-mail must be verified first."),
          Map.entry(Reason.PASSWORD_CHANGE_REQUIRED, "The password must be changed first."),
          Map.entry(Reason.ACCOUNT_LOCKED, "There were too many wrong codes."),
          Map.entry(Reason.SECOND_FACTOR_ALREADY_ENABLED, "The user has a second factor."),
          Map.entry(Reason.SECOND_FACTOR_NOT_ENABLED, "The user has no second factor."),
          Map.entry(Reason.USER_NOT_FOUND, "There is no such user."),
          Map.entry(Reason.USER_EXISTS, "The e-mail is signed up already."));

  private Refusals() {}

  static AuthFlowException because(String reason) {
    return because(reason, SENTENCES.get(reason));
  }

  static AuthFlowException because(String reason, String sentence) {
    return read(status(ErrorInfo.newBuilder().setReason(reason), sentence));
  }

  static AuthFlowException withChallenge(String reason, String challenge, List<String> methods, Instant expiresAt) {
    ErrorInfo.Builder info =
        ErrorInfo.newBuilder()
            .setReason(reason)
            .putMetadata("challenge", challenge)
            .putMetadata("methods", String.join(",", methods))
            .putMetadata("expires_at", expiresAt.toString());
    return read(status(info, SENTENCES.get(reason)));
  }

  static AuthFlowException ofFields(Map<String, String> faults) {
    BadRequest.Builder request = BadRequest.newBuilder();
    faults.forEach(
        (field, fault) -> request.addFieldViolationsBuilder().setField(field).setDescription(fault));
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setReason(Reason.INVALID_ARGUMENT);
    return read(status(info, "The request is not valid.").addDetails(Any.pack(request.build())));
  }

  static AuthFlowException unreachable() {
    return AuthFlowException.from(
        io.grpc.Status.UNAVAILABLE
            .withDescription("cannot reach the fake: it was told to be unreachable")
            .withCause(new ConnectException("told to be unreachable"))
            .asRuntimeException());
  }

  private static Status.Builder status(ErrorInfo.Builder info, String sentence) {
    return Status.newBuilder()
        .setCode(CODES.get(info.getReason()).value())
        .setMessage(sentence)
        .addDetails(Any.pack(info.setDomain("authflow").build()));
  }

  private static AuthFlowException read(Status.Builder status) {
    return AuthFlowException.from(StatusProto.toStatusRuntimeException(status.build()));
  }
}
