package dev.authflow.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an error of an AuthFlow server carries beside its code and sentence. */
final class ErrorDetails {
  static final String DOMAIN = "authflow";
  static final ErrorDetails NONE = of("", null);

  private final String reason;
  private final List<FieldViolation> violations;
  private final Duration retryAfter;
  private final Challenge challenge;

  private ErrorDetails(String reason, List<FieldViolation> violations, Duration retryAfter, Challenge challenge) {
    this.reason = reason;
    this.violations = violations;
    this.retryAfter = retryAfter;
    this.challenge = challenge;
  }

  /** Of a reason that this client gives itself, with a wait or null. */
  static ErrorDetails of(String reason, Duration retryAfter) {
    return new ErrorDetails(reason, List.of(), retryAfter, null);
  }

  /** Reads the details of a failure; none where no AuthFlow server sent them. */
  static ErrorDetails of(StatusRuntimeException failure) {
    List<Any> details;
    try {
      com.google.rpc.Status status = StatusProto.fromThrowable(failure);
      details = status == null ? List.of() : status.getDetailsList();
    } catch (RuntimeException broken) {
      // So the library says that it cannot read them, or that they contradict the code.
      return NONE;
    }
    Optional<ErrorInfo> info = find(details, ErrorInfo.class).filter(found -> found.getDomain().equals(DOMAIN));
    if (info.isEmpty()) {
      return NONE;
    }
    return new ErrorDetails(
        info.get().getReason(),
        find(details, BadRequest.class).map(ErrorDetails::violations).orElse(List.of()),
        find(details, RetryInfo.class).map(ErrorDetails::wait).orElse(null),
        info.flatMap(Challenge::in).orElse(null));
  }

  String reason() {
    return reason;
  }

  List<FieldViolation> violations() {
    return violations;
  }

  /** Null where none was given. */
  Duration retryAfter() {
    return retryAfter;
  }

  /** Null where none was given, or none that is whole. */
  Challenge challenge() {
    return challenge;
  }

  private static <T extends Message> Optional<T> find(List<Any> details, Class<T> type) {
    for (Any detail : details) {
      try {
        if (detail.is(type)) {
          return Optional.of(detail.unpack(type));
        }
      } catch (InvalidProtocolBufferException broken) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static List<FieldViolation> violations(BadRequest faults) {
    return faults.getFieldViolationsList().stream()
        .map(fault -> new FieldViolation(fault.getField(), fault.getDescription()))
        .collect(Collectors.toUnmodifiableList());
  }

  private static Duration wait(RetryInfo info) {
    // The wire holds any number, a Duration does not; nobody waits for more seconds than an int holds.
    long seconds = Math.max(0, Math.min(Integer.MAX_VALUE, info.getRetryDelay().getSeconds()));
    return Duration.ofSeconds(seconds, Math.max(0, info.getRetryDelay().getNanos()));
  }
}
