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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Lets calls with a live session pass, and puts the session's user on their {@link Context}. It answers UNAUTHENTICATED to
 * those without one, and UNAVAILABLE where that cannot be told, with the reason as ErrorInfo.
 *
 * <p>By default a session token holds the organization's API key: set {@code AUTHFLOW_API_KEY_CLAIM=id} on the server before
 * tokens leave your backend.
 *
 * <p>A login that is made in the {@link Context} of a call, of a public method too, tells the server the session token that
 * the call came with.
 *
 * <p>It blocks the thread of the call while it asks, so the server needs an executor: not {@code directExecutor()}.
 */
public final class AuthFlowServerInterceptor implements ServerInterceptor {
  /** Where the {@link SessionUser} is. */
  public static final Context.Key<SessionUser> USER = Context.key("dev.authflow.user");

  /** Where the session's token is. */
  public static final Context.Key<String> SESSION_TOKEN = Context.key("dev.authflow.session_token");

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final SessionGuard guard;
  private final Predicate<String> isPublic;
  private final Function<Metadata, Optional<String>> session;

  /** Guards every call, and takes sessions from {@code authorization: Bearer}. */
  public AuthFlowServerInterceptor(AuthFlow authflow) {
    this(builder(authflow));
  }

  private AuthFlowServerInterceptor(Builder options) {
    this.guard = options.guard(options.authflow);
    this.isPublic = options.isPublic;
    this.session = options.session;
  }

  /** Begins an interceptor with options. */
  public static Builder builder(AuthFlow authflow) {
    return new Builder(authflow);
  }

  /**
   * The user of the call that is being served.
   *
   * @throws IllegalStateException where it has not passed the interceptor, or went through without a user
   */
  public static SessionUser user() {
    return findUser().orElseThrow(AuthFlowServerInterceptor::noUser);
  }

  /** The user of the call that is being served; empty where it went through without one. */
  public static Optional<SessionUser> findUser() {
    return Optional.ofNullable(USER.get());
  }

  /**
   * The session token of the call that is being served, for {@link AuthFlow#logout}.
   *
   * @throws IllegalStateException where it has not passed the interceptor, or went through without a user
   */
  public static String sessionToken() {
    return Optional.ofNullable(SESSION_TOKEN.get()).orElseThrow(AuthFlowServerInterceptor::noUser);
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Optional<String> token = session.apply(headers);
    Context handling = PreviousSession.with(token);
    if (isPublic.test(call.getMethodDescriptor().getFullMethodName())) {
      return Contexts.interceptCall(handling, call, headers, next);
    }
    SessionUser user;
    try {
      user = guard.admit(token);
    } catch (AuthFlowException refusal) {
      if (guard.letsThrough(refusal)) {
        return Contexts.interceptCall(handling, call, headers, next);
      }
      return refuse(call, refusal);
    }
    Context guarded = handling.withValue(USER, user).withValue(SESSION_TOKEN, token.orElseThrow());
    return Contexts.interceptCall(guarded, call, headers, next);
  }

  /** Ends a call with an error in the shape of the server's own. */
  static <Q> ServerCall.Listener<Q> refuse(ServerCall<Q, ?> call, AuthFlowException refusal) {
    StatusRuntimeException status = StatusProto.toStatusRuntimeException(statusOf(refusal));
    call.close(status.getStatus(), status.getTrailers());
    return new ServerCall.Listener<Q>() {};
  }

  private static IllegalStateException noUser() {
    return new IllegalStateException(
        "the call has no session: it has not passed an AuthFlowServerInterceptor, or was let through");
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

  /** The options of an {@link AuthFlowServerInterceptor}. */
  public static final class Builder extends SessionGuard.Builder<Builder> {
    private final AuthFlow authflow;
    private Predicate<String> isPublic = method -> false;
    private Function<Metadata, Optional<String>> session =
        headers -> Bearer.token(authorizations(headers));

    private Builder(AuthFlow authflow) {
      this.authflow = authflow;
    }

    /**
     * Lets calls of these methods through unasked, by their full names, such as {@code grpc.health.v1.Health/Check}:
     * {@code grpc.health.v1.Health/*} is all that begins so.
     */
    public Builder publicMethods(String... methods) {
      return publicMethods(new Names(methods));
    }

    /** Lets calls of these methods through unasked, besides those of other lists. */
    public Builder publicMethods(Predicate<String> isPublic) {
      this.isPublic = this.isPublic.or(isPublic);
      return this;
    }

    /** Takes the session from what this makes of a call's metadata, and not from {@code authorization}. */
    public Builder session(Function<Metadata, Optional<String>> session) {
      this.session = Objects.requireNonNull(session, "session");
      return this;
    }

    /**
     * Makes the interceptor.
     *
     * @throws IllegalArgumentException where a session is remembered for longer than a second
     */
    public AuthFlowServerInterceptor build() {
      return new AuthFlowServerInterceptor(this);
    }

    @Override
    Builder self() {
      return this;
    }

    private static List<String> authorizations(Metadata headers) {
      List<String> authorizations = new ArrayList<>();
      Optional.ofNullable(headers.getAll(AUTHORIZATION)).ifPresent(all -> all.forEach(authorizations::add));
      return authorizations;
    }
  }
}
