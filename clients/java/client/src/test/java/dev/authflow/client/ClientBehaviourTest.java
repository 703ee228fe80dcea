package dev.authflow.client;

import static dev.authflow.stand.SharedCases.isTrue;
import static dev.authflow.stand.SharedCases.list;
import static dev.authflow.stand.SharedCases.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.authflow.stand.SharedCases;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of the behaviours that the clients of all languages share, against a server that follows the case's script. */
class ClientBehaviourTest {
  private static final Gson GSON = new Gson();

  @TestFactory
  Stream<DynamicTest> behavesAsEveryClientDoes() throws IOException {
    return cases(client -> client);
  }

  @TestFactory
  Stream<DynamicTest> behavesAsEveryClientDoesWithoutBlocking() throws IOException {
    return cases(client -> joined(client.async()));
  }

  private static Stream<DynamicTest> cases(Function<AuthFlowClient, AuthFlow> style) throws IOException {
    JsonObject vectors = SharedCases.clientBehaviour();
    String apiKey = text(vectors, "apiKey");
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonObject testCase : list(vectors, "cases")) {
      int index = tests.size();
      String name = testCase.get("behaviour") + ": " + text(testCase, "name");
      tests.add(dynamicTest(name, () -> run(index, testCase, apiKey, style)));
    }
    return tests.stream();
  }

  /** The asynchronous client, waited for. */
  private static AuthFlow joined(AuthFlowAsync async) {
    return (AuthFlow)
        Proxy.newProxyInstance(
            AuthFlow.class.getClassLoader(),
            new Class<?>[] {AuthFlow.class},
            (proxy, method, arguments) -> {
              var namesake = AuthFlowAsync.class.getMethod(method.getName(), method.getParameterTypes());
              try {
                return ((CompletableFuture<?>) namesake.invoke(async, arguments)).get();
              } catch (ExecutionException failed) {
                throw failed.getCause();
              }
            });
  }

  private static void run(int index, JsonObject testCase, String apiKey, Function<AuthFlowClient, AuthFlow> style) {
    AuthFlowClientBuilder builder = Clients.builder(SharedCases.start(index), apiKey);
    if (testCase.has("deadlineMs")) {
      builder.deadline(Duration.ofMillis(testCase.get("deadlineMs").getAsLong()));
    }
    try (AuthFlowClient client = builder.build()) {
      AuthFlow authflow = style.apply(client);
      boolean parallel = isTrue(testCase, "parallel");
      List<CompletableFuture<Void>> running = new ArrayList<>();
      // The common pool may have one thread.
      Executor threads = task -> new Thread(task).start();
      for (JsonObject call : list(testCase, "calls")) {
        if (parallel) {
          running.add(CompletableFuture.runAsync(() -> make(authflow, call), threads));
        } else {
          make(authflow, call);
        }
      }
      running.forEach(CompletableFuture::join);
    }
    assertEquals(new JsonArray(), SharedCases.faults(index));
  }

  private static void make(AuthFlow authflow, JsonObject call) {
    String name = text(call, "call");
    JsonObject arguments = call.getAsJsonObject("arguments");
    if (call.has("result")) {
      assertEquals(call.getAsJsonObject("result"), result(authflow, name, arguments));
      return;
    }
    Instant begun = Instant.now();
    AuthFlowException error = assertThrows(AuthFlowException.class, () -> result(authflow, name, arguments));
    Duration took = Duration.between(begun, Instant.now());
    expectError(call.getAsJsonObject("error"), error);
    if (call.has("withinMs")) {
      assertTrue(took.toMillis() <= call.get("withinMs").getAsLong(), () -> "took " + took);
    }
  }

  private static JsonObject result(AuthFlow authflow, String call, JsonObject arguments) {
    switch (call) {
      case "fooBar":
        Nonce nonce = authflow.fooBar(text(arguments, "identity"));
        return withToken(nonce, nonce.token());
      case "signUp":
        return fields(
            authflow.signUp(
                text(arguments, "email"),
                text(arguments, "password"),
                text(arguments, "fullname"),
                isTrue(arguments, "disclaimed")));
      case "login":
        Session session =
            arguments.has("sessionToken")
                ? authflow.login(
                    text(arguments, "email"), text(arguments, "password"), text(arguments, "sessionToken"))
                : authflow.login(text(arguments, "email"), text(arguments, "password"));
        return withToken(session, session.token());
      case "validate":
        return fields(authflow.validate(text(arguments, "sessionToken"), text(arguments, "email")));
      case "changePassword":
        int ended =
            authflow.changePassword(
                text(arguments, "sessionToken"),
                text(arguments, "email"),
                text(arguments, "newPassword"),
                text(arguments, "currentPassword"));
        JsonObject changed = new JsonObject();
        changed.addProperty("ended_sessions", ended);
        return changed;
      case "logout":
        authflow.logout(text(arguments, "sessionToken"), text(arguments, "email"));
        return new JsonObject();
      default:
        return accountResult(authflow, call, arguments);
    }
  }

  private static JsonObject accountResult(Accounts accounts, String call, JsonObject arguments) {
    String token = text(arguments, "sessionToken");
    String email = text(arguments, "email");
    switch (call) {
      case "me":
        return fields(accounts.me(token, email));
      case "sendVerificationEmail":
        accounts.sendVerificationEmail(email);
        return new JsonObject();
      case "verifyEmail":
        return fields(accounts.verifyEmail(text(arguments, "token")));
      case "forgotPassword":
        accounts.forgotPassword(email);
        return new JsonObject();
      case "resetPassword":
        return fields(accounts.resetPassword(text(arguments, "token"), text(arguments, "newPassword")));
      case "renewSession":
        Session renewed = accounts.renewSession(token, email);
        return withToken(renewed, renewed.token());
      case "listMySessions":
        JsonObject list = new JsonObject();
        list.add("sessions", GSON.toJsonTree(accounts.listMySessions(token, email)));
        return list;
      case "endMySessions":
        return ended(accounts.endMySessions(token, email, text(arguments, "session_id")));
      case "updateProfile":
        return fields(accounts.updateProfile(token, email, text(arguments, "fullname")));
      case "changeEmail":
        accounts.changeEmail(token, email, text(arguments, "newEmail"), text(arguments, "currentPassword"), "");
        return new JsonObject();
      case "deleteAccount":
        return ended(accounts.deleteAccount(token, email, text(arguments, "currentPassword"), ""));
      default:
        return fail("no such call: " + call);
    }
  }

  private static JsonObject ended(int sessions) {
    JsonObject fields = new JsonObject();
    fields.addProperty("ended_sessions", sessions);
    return fields;
  }

  private static JsonObject withToken(Object result, String token) {
    JsonObject fields = fields(result);
    fields.addProperty("token", token);
    return fields;
  }

  private static JsonObject fields(Object result) {
    return GSON.toJsonTree(result).getAsJsonObject();
  }

  private static void expectError(JsonObject wanted, AuthFlowException error) {
    assertEquals(text(wanted, "code"), error.code().name());
    assertEquals(text(wanted, "reason"), error.reason());
    if (wanted.has("message")) {
      assertEquals(text(wanted, "message"), error.getMessage());
    }
    List<FieldViolation> violations =
        list(wanted, "violations").stream()
            .map(fault -> new FieldViolation(text(fault, "field"), text(fault, "message")))
            .collect(Collectors.toList());
    assertEquals(violations, error.violations());
    if (wanted.has("retryAfterMs")) {
      assertEquals(Duration.ofMillis(wanted.get("retryAfterMs").getAsLong()), error.retryAfter().orElseThrow());
    }
  }
}
