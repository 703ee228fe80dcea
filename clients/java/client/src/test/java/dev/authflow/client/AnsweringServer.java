package dev.authflow.client;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.authflow.v1.AccountServiceGrpc;
import dev.authflow.v1.AuthServiceGrpc;
import dev.authflow.v1.SecondFactorServiceGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/** A server that answers one request after the other as it is told, with nothing where it is not, and keeps what came. */
final class AnsweringServer implements AutoCloseable {
  static final String KEY = "af_" + "C".repeat(43);
  private static final Metadata.Key<String> API_KEY = Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);

  final List<Message> requests = Collections.synchronizedList(new ArrayList<>());
  final List<String> keys = Collections.synchronizedList(new ArrayList<>());
  private final Queue<Object> answers = new ConcurrentLinkedQueue<>();
  private final Server server;

  AnsweringServer() {
    ServerBuilder<?> builder = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create());
    for (ServiceDescriptor service :
        List.of(
            AuthServiceGrpc.getServiceDescriptor(),
            AccountServiceGrpc.getServiceDescriptor(),
            SecondFactorServiceGrpc.getServiceDescriptor())) {
      ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(service);
      service.getMethods().forEach(method -> add(definition, method));
      builder.addService(definition.build());
    }
    try {
      server = builder.intercept(keeping(keys)).build().start();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  AuthFlowClient client() {
    return Clients.builder("127.0.0.1:" + server.getPort(), KEY).build();
  }

  /** What the next requests are answered with: messages, and errors. */
  void answers(Object... next) {
    answers.addAll(List.of(next));
  }

  /** The names of the calls that came. */
  List<String> calls() {
    return requests.stream()
        .map(request -> request.getDescriptorForType().getName().replace("Request", ""))
        .collect(Collectors.toList());
  }

  static StatusRuntimeException error(Code code, String reason, Map<String, String> metadata) {
    ErrorInfo info =
        ErrorInfo.newBuilder().setDomain(ErrorDetails.DOMAIN).setReason(reason).putAllMetadata(metadata).build();
    return StatusProto.toStatusRuntimeException(
        Status.newBuilder().setCode(code.value()).setMessage("A sentence.").addDetails(Any.pack(info)).build());
  }

  /** As where the connection broke: nobody knows what was done. */
  static StatusRuntimeException lost() {
    return io.grpc.Status.UNAVAILABLE.asRuntimeException();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private <Q, R> void add(ServerServiceDefinition.Builder service, MethodDescriptor<Q, R> method) {
    R empty = ((PrototypeMarshaller<R>) method.getResponseMarshaller()).getMessagePrototype();
    service.addMethod(method, ServerCalls.asyncUnaryCall((request, reply) -> answer(request, reply, empty)));
  }

  private <Q, R> void answer(Q request, StreamObserver<R> reply, R empty) {
    requests.add((Message) request);
    Object answer = answers.poll();
    if (answer instanceof StatusRuntimeException) {
      reply.onError((StatusRuntimeException) answer);
      return;
    }
    @SuppressWarnings("unchecked")
    R message = answer == null ? empty : (R) answer;
    reply.onNext(message);
    reply.onCompleted();
  }

  private static ServerInterceptor keeping(List<String> keys) {
    return new ServerInterceptor() {
      @Override
      public <Q, R> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        keys.add(headers.get(API_KEY));
        return next.startCall(call, headers);
      }
    };
  }
}
