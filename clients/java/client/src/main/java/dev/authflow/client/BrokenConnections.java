package dev.authflow.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;

/**
 * Has the next call make a broken connection anew. gRPC itself would refuse calls for up to two minutes, by a back-off
 * that grows while the server is away, and for as long after it came back.
 */
final class BrokenConnections implements ClientInterceptor {
  private final ManagedChannel connection;

  BrokenConnections(ManagedChannel connection) {
    this.connection = connection;
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    // A channel that is idle connects for its next call, and the call waits for the outcome; one that has failed keeps
    // failing calls while it connects, so resetConnectBackoff() would not do.
    if (connection.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      connection.enterIdle();
    }
    return next.newCall(method, options);
  }
}
