package dev.authflow.client;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Stands behind an {@link AuthFlowServerInterceptor} and lets calls of users pass who have at least one of the roles. It
 * answers PERMISSION_DENIED ({@link Reason#ACCESS_DENIED}) to others, and UNAUTHENTICATED to those without a session. It
 * asks nobody: the roles are those that the server told with the session.
 */
public final class RequireRoleInterceptor implements ServerInterceptor {
  private final RequiredRoles roles;

  /**
   * Any one of the roles is enough.
   *
   * @throws IllegalArgumentException where there is no role, or one that no user can have
   */
  public RequireRoleInterceptor(String... roles) {
    this.roles = new RequiredRoles(roles);
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    try {
      roles.check(AuthFlowServerInterceptor.findUser());
    } catch (AuthFlowException refusal) {
      return AuthFlowServerInterceptor.refuse(call, refusal);
    }
    return next.startCall(call, headers);
  }
}
