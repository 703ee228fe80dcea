package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import dev.authflow.v1.AuthServiceGrpc.AuthServiceBlockingStub;
import dev.authflow.v1.AuthServiceGrpc;
import dev.authflow.v1.FooBarRequest;
import dev.authflow.v1.FooBarResponse;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuthFlowServerInterceptorTest {
  private Organization organization;
  private AuthFlowClient client;
  private Session session;

  @BeforeEach
  void connect() {
    organization = Stand.newOrganization();
    client = Clients.of(organization);
    session = Clients.newSession(client);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void putsTheUserOnTheContext() throws Exception {
    try (GuardedService service = new GuardedService(new AuthFlowServerInterceptor(client))) {
      assertEquals(session.userId(), service.call("Bearer " + session.token()));
      assertEquals(session.userId(), service.call("bearer " + session.token()));
    }
    assertThrows(IllegalStateException.class, AuthFlowServerInterceptor::user);
  }

  @Test
  void refusesWithoutACallWhereThereIsNoUsableToken() throws Exception {
    try (AuthFlowClient nobody = Clients.ofNobody();
        GuardedService service = new GuardedService(new AuthFlowServerInterceptor(nobody))) {
      refused(Code.UNAUTHENTICATED, Reason.SESSION_INVALID, service);
      for (String authorization : Tokens.UNUSABLE) {
        refused(Code.UNAUTHENTICATED, Reason.SESSION_INVALID, service, authorization);
      }
    }
  }

  @Test
  void refusesSessionsThatTheServerRefuses() throws Exception {
    try (GuardedService service = new GuardedService(new AuthFlowServerInterceptor(client))) {
      String forged = Tokens.withClaims("{\"email\":\"ada@example.com\"}");
      refused(Code.UNAUTHENTICATED, Reason.SESSION_INVALID, service, "Bearer " + forged);
      client.logout(session.token(), session.email());
      refused(Code.UNAUTHENTICATED, Reason.SESSION_REVOKED, service, "Bearer " + session.token());
    }
  }

  @Test
  void isUnavailableWhereItCannotTell() throws Exception {
    List<AuthFlowException> errors = new ArrayList<>();
    try (AuthFlowClient nobody = Clients.ofNobody();
        GuardedService service =
            new GuardedService(AuthFlowServerInterceptor.builder(nobody).onError(errors::add).build())) {
      refused(Code.UNAVAILABLE, Reason.UNAVAILABLE, service, "Bearer " + session.token());
    }
    assertEquals(Code.UNAVAILABLE, errors.get(0).code());
  }

  @Test
  void putsTheSessionTokenBesideTheUser() throws Exception {
    List<String> tokens = new ArrayList<>();
    try (GuardedService service =
        new GuardedService(
            new AuthFlowServerInterceptor(client), () -> tokens.add(AuthFlowServerInterceptor.sessionToken()))) {
      service.call("Bearer " + session.token());
    }
    assertEquals(List.of(session.token()), tokens);
    assertThrows(IllegalStateException.class, AuthFlowServerInterceptor::sessionToken);
  }

  @Test
  void takesTheSessionFromWhatAFunctionMakesOfTheMetadata() throws Exception {
    AuthFlowServerInterceptor interceptor =
        AuthFlowServerInterceptor.builder(client).session(headers -> Optional.of(session.token())).build();
    try (GuardedService service = new GuardedService(interceptor)) {
      assertEquals(session.userId(), service.call());
    }
  }

  @Test
  void letsEverybodyThroughWhereSessionsAreOptional() throws Exception {
    try (AuthFlowClient nobody = Clients.ofNobody();
        GuardedService service = new GuardedService(AuthFlowServerInterceptor.builder(client).optional().build());
        GuardedService unreachable =
            new GuardedService(AuthFlowServerInterceptor.builder(nobody).optional().build())) {
      assertEquals(session.userId(), service.call("Bearer " + session.token()));
      assertEquals("nobody", service.call());
      refused(Code.UNAVAILABLE, Reason.UNAVAILABLE, unreachable, "Bearer " + session.token());
    }
  }

  @Test
  void letsPublicMethodsThroughUnasked() throws Exception {
    for (String listed : List.of("authflow.v1.AuthService/FooBar", "authflow.v1.AuthService/*")) {
      try (GuardedService service =
          new GuardedService(AuthFlowServerInterceptor.builder(client).publicMethods(listed).build())) {
        assertEquals("nobody", service.call());
      }
    }
    try (GuardedService service =
        new GuardedService(AuthFlowServerInterceptor.builder(client).publicMethods("FooBar").build())) {
      refused(Code.UNAUTHENTICATED, Reason.SESSION_INVALID, service);
    }
  }

  @Test
  void letsALoginTellTheSessionOfItsCall() throws Exception {
    Session ended = Clients.newSession(client);
    client.logout(ended.token());
    LoginRequests logins = new LoginRequests();
    try (AuthFlowClient recorded =
        Clients.builder(Stand.grpc(), organization.apiKey()).interceptors(logins).build()) {
      Runnable login = () -> recorded.login(session.email(), Stand.PASSWORD);
      try (GuardedService guarded = new GuardedService(new AuthFlowServerInterceptor(client), login);
          GuardedService optional =
              new GuardedService(AuthFlowServerInterceptor.builder(client).optional().build(), login);
          GuardedService open =
              new GuardedService(
                  AuthFlowServerInterceptor.builder(client).publicMethods("authflow.v1.AuthService/*").build(), login)) {
        guarded.call("Bearer " + session.token());
        optional.call("Bearer " + ended.token());
        open.call("Bearer " + ended.token());
        open.call("Bearer another-partys-secret");
      }
    }
    assertEquals(List.of(session.token(), ended.token(), ended.token(), ""), logins.told());
  }

  @Test
  void letsUsersWithAnyOneOfTheRolesPass() throws Exception {
    RequireRoleInterceptor editors = new RequireRoleInterceptor("admin", "editor");
    AuthFlow editor = SessionsWithRoles.of("edit", "editors", "editor");
    AuthFlow other = SessionsWithRoles.of("edit", "editors");
    try (GuardedService service = new GuardedService(() -> {}, new AuthFlowServerInterceptor(editor), editors);
        GuardedService closed = new GuardedService(() -> {}, new AuthFlowServerInterceptor(other), editors);
        GuardedService optional =
            new GuardedService(() -> {}, AuthFlowServerInterceptor.builder(other).optional().build(), editors)) {
      assertEquals("u", service.call("Bearer " + SessionsWithRoles.TOKEN));
      refused(Code.PERMISSION_DENIED, Reason.ACCESS_DENIED, closed, "Bearer " + SessionsWithRoles.TOKEN);
      refused(Code.UNAUTHENTICATED, Reason.SESSION_INVALID, closed);
      refused(Code.UNAUTHENTICATED, Reason.SESSION_INVALID, optional);
    }
  }

  private static void refused(Code code, String reason, GuardedService service, String... authorizations) {
    StatusRuntimeException failure =
        assertThrows(StatusRuntimeException.class, () -> service.call(authorizations));
    AuthFlowException error = AuthFlowException.from(failure);
    assertEquals(code, error.code());
    assertEquals(reason, error.reason());
  }

  /** A gRPC server on a free port, whose FooBar answers the id of the user that calls. */
  private static final class GuardedService extends AuthServiceGrpc.AuthServiceImplBase implements AutoCloseable {
    private final Server server;
    private final ManagedChannel channel;

    private final Runnable whenCalled;

    GuardedService(AuthFlowServerInterceptor interceptor) throws IOException {
      this(interceptor, () -> {});
    }

    GuardedService(AuthFlowServerInterceptor interceptor, Runnable whenCalled) throws IOException {
      this(whenCalled, interceptor);
    }

    /** Behind interceptors, the first the outermost. */
    GuardedService(Runnable whenCalled, ServerInterceptor... interceptors) throws IOException {
      this.whenCalled = whenCalled;
      server =
          Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
              .addService(ServerInterceptors.interceptForward(this, interceptors))
              .build()
              .start();
      channel =
          Grpc.newChannelBuilder("127.0.0.1:" + server.getPort(), InsecureChannelCredentials.create()).build();
    }

    String call(String... authorizations) {
      Metadata headers = new Metadata();
      for (String authorization : authorizations) {
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
      }
      AuthServiceBlockingStub stub =
          AuthServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .withDeadlineAfter(10, TimeUnit.SECONDS);
      return stub.fooBar(FooBarRequest.getDefaultInstance()).getToken();
    }

    @Override
    public void fooBar(FooBarRequest request, StreamObserver<FooBarResponse> reply) {
      whenCalled.run();
      String user = AuthFlowServerInterceptor.findUser().map(SessionUser::userId).orElse("nobody");
      reply.onNext(FooBarResponse.newBuilder().setToken(user).build());
      reply.onCompleted();
    }

    @Override
    public void close() {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }
}
