package dev.authflow.client;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Lets calls with a live session pass, and puts the session's user on their {@link Context}. It answers UNAUTHENTICATED to
 * those without one, and UNAVAILABLE where that cannot be told, with the reason as ErrorInfo.
 *
 * <p>It blocks the thread of the call while it asks, so the server needs an executor: not {@code directExecutor()}.
 */
public final class AuthFlowServerInterceptor implements ServerInterceptor {
  /** Where the {@link SessionUser} is. */
  public static final Context.Key<SessionUser> USER = Context.key("dev.authflow.user");

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final SessionGuard guard;

  /** Asks the server on every call. */
  public AuthFlowServerInterceptor(AuthFlowClient client) {
    this(client, Duration.ZERO, error -> {});
  }

  /**
   * @param remember for how long a session that was valid is not asked for again, at most a second: a logout is seen that
   *     much later. {@link Duration#ZERO} asks on every call
   * @param onError is given what was answered with UNAVAILABLE, for the log
   */
  public AuthFlowServerInterceptor(AuthFlowClient client, Duration remember, Consumer<AuthFlowException> onError) {
    this.guard = new SessionGuard(client, remember, onError);
  }

  /**
   * The user of the call that is being served.
   *
   * @throws IllegalStateException where it has not passed the interceptor
   */
  public static SessionUser user() {
    SessionUser user = USER.get();
    if (user == null) {
      throw new IllegalStateException("the call has not passed an AuthFlowServerInterceptor");
    }
    return user;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    SessionUser user;
    try {
      user = guard.admit(Optional.ofNullable(headers.getAll(AUTHORIZATION)).orElse(List.of()));
    } catch (AuthFlowException refusal) {
      StatusRuntimeException status = StatusProto.toStatusRuntimeException(statusOf(refusal));
      call.close(status.getStatus(), status.getTrailers());
      return new ServerCall.Listener<Q>() {};
    }
    return Contexts.interceptCall(Context.current().withValue(USER, user), call, headers, next);
  }

  private static Status statusOf(AuthFlowException refusal) {
    ErrorInfo info = ErrorInfo.newBuilder().setDomain(ErrorDetails.DOMAIN).setReason(refusal.reason()).build();
    Status.Builder status =
        Status.newBuilder()
            .setCode(refusal.code().value())
            .setMessage(refusal.getMessage())
            .addDetails(Any.pack(info));
    refusal.retryAfter().ifPresent(wait -> status.addDetails(Any.pack(retryInfo(wait))));
    return status.build();
  }

  private static RetryInfo retryInfo(Duration wait) {
    RetryInfo.Builder info = RetryInfo.newBuilder();
    info.getRetryDelayBuilder().setSeconds(wait.getSeconds()).setNanos(wait.getNano());
    return info.build();
  }
}
