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
          Map.entry(Reason.REAUTHENTICATION_REQUIRED, Code.PERMISSION_DENIED),
          Map.entry(Reason.USER_NOT_FOUND, Code.NOT_FOUND),
          Map.entry(Reason.USER_EXISTS, Code.ALREADY_EXISTS));

  private static final Map<String, String> SENTENCES =
      Map.of(
          Reason.DISCLAIMER_REQUIRED, "The terms must be accepted.",
          Reason.CREDENTIALS_INVALID, "The password is wrong.",
          Reason.SESSION_INVALID, "The session token is not valid.",
          Reason.SESSION_EXPIRED, "The session has expired.",
          Reason.SESSION_REVOKED, "The session was ended.",
          Reason.TOKEN_INVALID, "The token is not valid.",
          Reason.TOKEN_EXPIRED, "The token is too old.",
          Reason.REAUTHENTICATION_REQUIRED, "The present password is needed, or a new login.",
          Reason.USER_NOT_FOUND, "There is no such user.",
          Reason.USER_EXISTS, "The e-mail is signed up already.");

  private Refusals() {}

  static AuthFlowException because(String reason) {
    return because(reason, SENTENCES.get(reason));
  }

  static AuthFlowException because(String reason, String sentence) {
    return read(status(reason, sentence));
  }

  static AuthFlowException ofFields(Map<String, String> faults) {
    BadRequest.Builder request = BadRequest.newBuilder();
    faults.forEach(
        (field, fault) -> request.addFieldViolationsBuilder().setField(field).setDescription(fault));
    return read(status(Reason.INVALID_ARGUMENT, "The request is not valid.").addDetails(Any.pack(request.build())));
  }

  static AuthFlowException unreachable() {
    return AuthFlowException.from(
        io.grpc.Status.UNAVAILABLE
            .withDescription("cannot reach the fake: it was told to be unreachable")
            .withCause(new ConnectException("told to be unreachable"))
            .asRuntimeException());
  }

  private static Status.Builder status(String reason, String sentence) {
    ErrorInfo info = ErrorInfo.newBuilder().setDomain("authflow").setReason(reason).build();
    return Status.newBuilder().setCode(CODES.get(reason).value()).setMessage(sentence).addDetails(Any.pack(info));
  }

  private static AuthFlowException read(Status.Builder status) {
    return AuthFlowException.from(StatusProto.toStatusRuntimeException(status.build()));
  }
}
