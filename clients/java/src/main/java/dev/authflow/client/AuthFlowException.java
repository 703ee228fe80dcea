package dev.authflow.client;

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

  AuthFlowException(Status status, ErrorDetails details, Throwable cause) {
    super(status.getDescription() == null ? status.getCode().name() : status.getDescription(), cause);
    this.code = status.getCode();
    this.reason = details.reason();
    this.violations = new ArrayList<>(details.violations());
    this.retryAfter = details.retryAfter();
  }

  /** Reads an error of the generated stubs. What it carries of another service, or broken, is left out; it never throws. */
  public static AuthFlowException from(StatusRuntimeException failure) {
    return new AuthFlowException(failure.getStatus(), ErrorDetails.of(failure), failure);
  }

  static AuthFlowException cancelled(AuthFlowException before) {
    Status status = Status.CANCELLED.withDescription("the call was cancelled while it waited to be repeated");
    return new AuthFlowException(status, ErrorDetails.NONE, before);
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

  /** What is wrong with which field, for {@link Reason#INVALID_ARGUMENT}; otherwise empty. */
  public List<FieldViolation> violations() {
    return Collections.unmodifiableList(violations);
  }

  /** How long to wait before the next try, where the server said so. The client itself has waited where it had the time. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  @Override
  public String toString() {
    String why = reason.isEmpty() ? code.name() : code + ", " + reason;
    return getClass().getName() + ": " + getMessage() + " (" + why + ")";
  }
}
