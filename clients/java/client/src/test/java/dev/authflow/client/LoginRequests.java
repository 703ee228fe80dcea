package dev.authflow.client;

import dev.authflow.v1.LoginRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Notes the session token of each login that a client sends. */
final class LoginRequests implements ClientInterceptor {
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());

  List<String> told() {
    return List.copyOf(told);
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<Q, R>(next.newCall(method, options)) {
      @Override
      public void sendMessage(Q message) {
        if (message instanceof LoginRequest) {
          told.add(((LoginRequest) message).getSessionToken());
        }
        super.sendMessage(message);
      }
    };
  }
}
