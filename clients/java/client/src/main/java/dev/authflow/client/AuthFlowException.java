package dev.authflow.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A call that did not succeed: what the server answered, or why no answer came. */
public final class AuthFlowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;
  private final String reason;
  private final ArrayList<FieldViolation> violations;
  private final Duration retryAfter;
  /** Out of what serializers write. */
  private final transient Challenge challenge;

  AuthFlowException(Status status, ErrorDetails details, Throwable cause) {
    super(status.getDescription() == null ? status.getCode().name() : status.getDescription(), cause);
    this.code = status.getCode();
    this.reason = details.reason();
    this.violations = new ArrayList<>(details.violations());
    this.retryAfter = details.retryAfter();
    this.challenge = details.challenge();
  }

  /** Reads an error of the generated stubs. What it carries of another service, or broken, is left out; it never throws. */
  public static AuthFlowException from(StatusRuntimeException failure) {
    return new AuthFlowException(failure.getStatus(), ErrorDetails.of(failure), failure);
  }

  static AuthFlowException cancelled(AuthFlowException before) {
    Status status = Status.CANCELLED.withDescription("the call was cancelled while it waited to be repeated");
    return new AuthFlowException(status, ErrorDetails.NONE, before);
  }

  /** By the context that a call was made in: its deadline may be what has ended it. */
  static AuthFlowException cancelled(Context ended) {
    return new AuthFlowException(Contexts.statusFromCancelled(ended), ErrorDetails.NONE, null);
  }

  /** A token that nobody need be asked about. */
  static AuthFlowException noSession() {
    ErrorDetails details = ErrorDetails.of(Reason.SESSION_INVALID, null);
    return new AuthFlowException(
        Status.UNAUTHENTICATED.withDescription("The session token is not valid."), details, null);
  }

  /** What middleware answers to a user who has none of the roles that are needed: PERMISSION_DENIED. */
  public static AuthFlowException accessDenied() {
    ErrorDetails details = ErrorDetails.of(Reason.ACCESS_DENIED, null);
    return new AuthFlowException(Status.PERMISSION_DENIED.withDescription("You may not do this."), details, null);
  }

  /**
   * Why, in the server's words: one of {@link Reason}, or a later server's own. Empty where no AuthFlow server said so, a
   * deadline that passed or a connection that broke among them: then {@link #code} tells.
   */
  public String reason() {
    return reason;
  }

  /** The kind of failure. Act on it where the reason is unknown. */
  public Status.Code code() {
    return code;
  }

  /**
   * The HTTP status that a backend would answer with, such as 409 for {@link Reason#USER_EXISTS}. It is 503 where the
   * backend's own key was refused: no visitor can do anything about that.
   */
  public int httpStatus() {
    if (isOfOwnKey()) {
      return 503;
    }
    if (reason.equals(Reason.SECOND_FACTOR_NOT_ENABLED)) {
      return 409;
    }
    switch (code) {
      case INVALID_ARGUMENT:
      case FAILED_PRECONDITION:
        return 400;
      case UNAUTHENTICATED:
        return 401;
      case PERMISSION_DENIED:
        return 403;
      case NOT_FOUND:
        return 404;
      case ALREADY_EXISTS:
        return 409;
      case RESOURCE_EXHAUSTED:
        return 429;
      case CANCELLED:
        return 499;
      case UNAVAILABLE:
        return 503;
      case DEADLINE_EXCEEDED:
        return 504;
      default:
        return 500;
    }
  }

  /** What is wrong with which field, for {@link Reason#INVALID_ARGUMENT}; otherwise empty. */
  public List<FieldViolation> violations() {
    return Collections.unmodifiableList(violations);
  }

  /**
   * How long to wait from now on before the next try, where the server said so. Where it had the time, an attempt of three
   * and a repeat of ten left, the client has waited and repeated by itself before; never for
   * {@link Reason#ACCOUNT_LOCKED}.
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /**
   * What a login goes on with, for {@link Reason#SECOND_FACTOR_REQUIRED} and {@link Reason#PASSWORD_CHANGE_REQUIRED};
   * otherwise empty, as it is where the server's is not whole. Its token is a secret: {@link #toJson} does not tell it.
   */
  public Optional<Challenge> challenge() {
    return Optional.ofNullable(challenge);
  }

  /**
   * The body of a backend's reply with {@link #httpStatus}, in the server's own shape:
   * {@code {"statusCode":401,"error":"SESSION_REVOKED","message":"…"}}, with {@code violations} where there are any. A
   * sentence that is not the server's stays out of it: it may name machines. So does that the backend's own key was
   * refused, which is told as {@link Reason#UNAVAILABLE}: log the error itself.
   */
  public String toJson() {
    JsonObject body = new JsonObject();
    body.addProperty("statusCode", httpStatus());
    boolean isTold = !reason.isEmpty() && !isOfOwnKey();
    body.addProperty("error", isTold ? reason : reasonOfStatus());
    body.addProperty("message", isTold ? getMessage() : sentenceOfStatus());
    if (!violations.isEmpty()) {
      JsonArray faults = new JsonArray();
      for (FieldViolation violation : violations) {
        JsonObject fault = new JsonObject();
        fault.addProperty("field", violation.field());
        fault.addProperty("message", violation.message());
        faults.add(fault);
      }
      body.add("violations", faults);
    }
    return body.toString();
  }

  private boolean isOfOwnKey() {
    return reason.equals(Reason.API_KEY_INVALID) || reason.equals(Reason.ADMIN_TOKEN_INVALID);
  }

  private String reasonOfStatus() {
    switch (httpStatus()) {
      case 503:
        return Reason.UNAVAILABLE;
      case 504:
        return Reason.DEADLINE_EXCEEDED;
      default:
        return Reason.INTERNAL;
    }
  }

  private String sentenceOfStatus() {
    return httpStatus() == 504 ? "The request has taken too long." : "The request cannot be answered at the moment.";
  }

  @Override
  public String toString() {
    String why = reason.isEmpty() ? code.name() : code + ", " + reason;
    return getClass().getName() + ": " + getMessage() + " (" + why + ")";
  }
}
