package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Message;
import dev.authflow.stand.SharedCases;
import dev.authflow.stand.Stand;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What goes along with calls, and what can be seen of them. */
class CallsInDetailTest {
  @Test
  void theVisitorGoesAlongWithEveryCall() {
    Requests requests = new Requests();
    try (AuthFlowClient client =
        Clients.builder(Stand.grpc(), Stand.newOrganization().apiKey()).interceptors(requests).build()) {
      Visitor visitor = Visitor.of("203.0.113.7", "Difference Engine/2");
      AuthFlow theirs = client.withVisitor(visitor);
      Session session = Clients.newSession(theirs);
      theirs.validate(session.token());
      theirs.changePassword(session.token(), "Difference-1822");
      theirs.logout(session.token());
      client.async().withVisitor(visitor).fooBar(session.email()).join();
      assertEquals(
          List.of("FooBar", "SignUp", "FooBar", "Login", "Validate", "ChangePassword", "Logout", "FooBar"),
          requests.methods());
      requests.sent.forEach(
          request -> {
            assertEquals("203.0.113.7", text(request, "client_ip"));
            assertEquals("Difference Engine/2", text(request, "user_agent"));
          });
      requests.sent.clear();
      client.withVisitor(Visitor.of(null, null)).fooBar(session.email());
      assertEquals("", text(requests.sent.get(0), "client_ip"));
    }
  }

  @Test
  void theVisitorGoesAlongWithEveryCallAboutAccounts() {
    Requests requests = new Requests();
    String token = Tokens.withClaims("{\"email\":\"ada@example.com\"}");
    try (AuthFlowClient client =
        Clients.builder(Stand.grpc(), Stand.newOrganization().apiKey()).interceptors(requests).build()) {
      AuthFlow theirs = client.withVisitor(Visitor.of("203.0.113.7", "Difference Engine/2"));
      for (Executable call :
          new Executable[] {
            () -> theirs.me(token),
            () -> theirs.renewSession(token),
            () -> theirs.listMySessions(token),
            () -> theirs.endMySessions(token),
            () -> theirs.updateProfile(token, "Ada King"),
            () -> theirs.changeEmail(token, "ada@example.org"),
            () -> theirs.deleteAccount(token),
            () -> theirs.verifyEmail("token"),
            () -> theirs.resetPassword("token", "Difference-1822"),
          }) {
        // The token is nobody's.
        assertThrows(AuthFlowException.class, call);
      }
      assertEquals(
          List.of(
              "Me", "RenewSession", "ListMySessions", "EndMySessions", "UpdateProfile", "ChangeEmail", "DeleteAccount",
              "VerifyEmail", "ResetPassword"),
          requests.methods());
      requests.sent.forEach(
          request -> {
            assertEquals("203.0.113.7", text(request, "client_ip"));
            assertEquals("Difference Engine/2", text(request, "user_agent"));
          });
      // Where none is given Me is sent none, and the others the one that the token claims.
      assertEquals("", text(requests.sent.get(0), "email"));
      requests.sent.subList(1, 7).forEach(request -> assertEquals("ada@example.com", text(request, "email")));
    }
  }

  @Test
  void theEmailIsReadFromTheToken() {
    try (AuthFlowClient client = Clients.of(Stand.newOrganization());
        AuthFlowClient nobody = Clients.ofNobody()) {
      Session session = Clients.newSession(client);
      assertEquals(session.userId(), client.validate(session.token()).userId());
      assertEquals(0, client.changePassword(session.token(), "Difference-1822", Stand.PASSWORD));
      client.logout(session.token());
      // Without a call, which would be UNAVAILABLE.
      refused(assertThrows(AuthFlowException.class, () -> nobody.validate("a.b.c")));
      refused(assertThrows(AuthFlowException.class, () -> nobody.logout("")));
      refused(assertThrows(AuthFlowException.class, () -> nobody.changePassword("a.b.c", "Difference-1822")));
      CompletionException failed =
          assertThrows(CompletionException.class, () -> nobody.async().logout("a.b.c").join());
      refused((AuthFlowException) failed.getCause());
    }
  }

  @Test
  void everyRepeatIsTold() throws Exception {
    List<Retry> told = Collections.synchronizedList(new ArrayList<>());
    String address = SharedCases.start("a call makes three attempts");
    try (AuthFlowClient client =
        Clients.builder(address, text("apiKey"))
            .onRetry(
                retry -> {
                  told.add(retry);
                  throw new IllegalStateException("the hook's own fault");
                })
            .build()) {
      AuthFlowException error =
          assertThrows(AuthFlowException.class, () -> client.validate("header.payload.signature", "ada@example.com"));
      assertEquals(List.of(1, 2), told.stream().map(Retry::attempt).collect(Collectors.toList()));
      told.forEach(
          retry -> {
            assertEquals("Validate", retry.call());
            assertEquals(error.reason(), retry.reason());
            assertEquals(error.code(), retry.code());
            assertEquals(error.retryAfter().orElseThrow(), retry.delay());
          });
    }
  }

  private static String text(String name) throws Exception {
    return SharedCases.text(SharedCases.clientBehaviour(), name);
  }

  private static String text(Message request, String field) {
    return (String) request.getField(request.getDescriptorForType().findFieldByName(field));
  }

  private static void refused(AuthFlowException error) {
    assertEquals(Code.UNAUTHENTICATED, error.code());
    assertEquals(Reason.SESSION_INVALID, error.reason());
  }

  private static final class Requests implements ClientInterceptor {
    private final List<Message> sent = Collections.synchronizedList(new ArrayList<>());

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<Q, R>(next.newCall(method, options)) {
        @Override
        public void sendMessage(Q message) {
          sent.add((Message) message);
          super.sendMessage(message);
        }
      };
    }

    private List<String> methods() {
      return sent.stream()
          .map(request -> request.getDescriptorForType().getName().replace("Request", ""))
          .collect(Collectors.toList());
    }
  }
}
