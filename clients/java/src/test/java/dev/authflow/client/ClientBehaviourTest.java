package dev.authflow.client;

import static dev.authflow.client.SharedCases.isTrue;
import static dev.authflow.client.SharedCases.list;
import static dev.authflow.client.SharedCases.number;
import static dev.authflow.client.SharedCases.object;
import static dev.authflow.client.SharedCases.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of the behaviours that the clients of all languages share, against a server that follows the case's script. */
class ClientBehaviourTest {
  @TestFactory
  Stream<DynamicTest> behavesAsEveryClientDoes() throws IOException {
    Struct vectors = SharedCases.read();
    String apiKey = text(vectors, "apiKey");
    List<Value> cases = list(vectors, "cases");
    List<DynamicTest> tests = new ArrayList<>();
    for (Value each : cases) {
      int index = tests.size();
      Struct testCase = each.getStructValue();
      String name = number(testCase, "behaviour") + ": " + text(testCase, "name");
      tests.add(dynamicTest(name, () -> run(index, testCase, apiKey)));
    }
    return tests.stream();
  }

  private static void run(int index, Struct testCase, String apiKey) {
    String address = SharedCases.start(index);
    AuthFlowClientBuilder builder = AuthFlowClient.builder(address, apiKey).plaintext();
    if (testCase.containsFields("deadlineMs")) {
      builder.deadline(Duration.ofMillis(number(testCase, "deadlineMs")));
    }
    try (AuthFlowClient client = builder.build()) {
      boolean parallel = isTrue(testCase, "parallel");
      List<CompletableFuture<Void>> running = new ArrayList<>();
      // The common pool may have one thread.
      Executor threads = task -> new Thread(task).start();
      for (Value call : list(testCase, "calls")) {
        if (parallel) {
          running.add(CompletableFuture.runAsync(() -> make(client, call.getStructValue()), threads));
        } else {
          make(client, call.getStructValue());
        }
      }
      running.forEach(CompletableFuture::join);
    }
    assertEquals(List.of(), SharedCases.faults(index));
  }

  private static void make(AuthFlowClient client, Struct call) {
    String name = text(call, "call");
    Struct arguments = object(call, "arguments");
    if (call.containsFields("result")) {
      Map<String, Object> result = result(client, name, arguments);
      Map<String, Object> wanted = new LinkedHashMap<>();
      object(call, "result").getFieldsMap().forEach((field, value) -> wanted.put(field, nativeValue(field, value)));
      assertEquals(wanted, result);
      return;
    }
    Instant begun = Instant.now();
    AuthFlowException error = assertThrows(AuthFlowException.class, () -> result(client, name, arguments));
    Duration took = Duration.between(begun, Instant.now());
    expectError(object(call, "error"), error);
    if (call.containsFields("withinMs")) {
      assertTrue(took.toMillis() <= number(call, "withinMs"), () -> "took " + took);
    }
  }

  private static Map<String, Object> result(AuthFlowClient client, String call, Struct arguments) {
    switch (call) {
      case "fooBar":
        Nonce nonce = client.fooBar(text(arguments, "identity"));
        return Map.of("token", nonce.token(), "expires_at", nonce.expiresAt());
      case "signUp":
        User user =
            client.signUp(
                text(arguments, "email"),
                text(arguments, "password"),
                text(arguments, "fullname"),
                isTrue(arguments, "disclaimed"));
        return fields(user.userId(), user.email(), user.fullName(), user.orgId());
      case "login":
        Session session = client.login(text(arguments, "email"), text(arguments, "password"));
        Map<String, Object> opened =
            fields(session.userId(), session.email(), session.fullName(), session.orgId());
        opened.put("token", session.token());
        opened.put("expires_at", session.expiresAt());
        return opened;
      case "validate":
        SessionUser valid = client.validate(text(arguments, "sessionToken"), text(arguments, "email"));
        Map<String, Object> checked = fields(valid.userId(), valid.email(), valid.fullName(), valid.orgId());
        checked.put("session_id", valid.sessionId());
        checked.put("expires_at", valid.expiresAt());
        return checked;
      case "changePassword":
        int ended =
            client.changePassword(
                text(arguments, "sessionToken"),
                text(arguments, "email"),
                text(arguments, "newPassword"),
                text(arguments, "currentPassword"));
        return Map.of("ended_sessions", ended);
      case "logout":
        client.logout(text(arguments, "sessionToken"), text(arguments, "email"));
        return Map.of();
      default:
        return fail("no such call: " + call);
    }
  }

  private static Map<String, Object> fields(String userId, String email, String fullName, String orgId) {
    return new LinkedHashMap<>(Map.of("user_id", userId, "email", email, "fullname", fullName, "org_id", orgId));
  }

  private static void expectError(Struct wanted, AuthFlowException error) {
    assertEquals(text(wanted, "code"), error.code().name());
    assertEquals(text(wanted, "reason"), error.reason());
    if (wanted.containsFields("message")) {
      assertEquals(text(wanted, "message"), error.getMessage());
    }
    List<FieldViolation> violations = new ArrayList<>();
    for (Value violation : list(wanted, "violations")) {
      Struct fault = violation.getStructValue();
      violations.add(new FieldViolation(text(fault, "field"), text(fault, "message")));
    }
    assertEquals(violations, error.violations());
    if (wanted.containsFields("retryAfterMs")) {
      assertEquals(Duration.ofMillis(number(wanted, "retryAfterMs")), error.retryAfter().orElseThrow());
    }
  }

  private static Object nativeValue(String field, Value value) {
    if (field.equals("expires_at")) {
      return Instant.parse(value.getStringValue());
    }
    return value.hasNumberValue() ? (Object) (int) value.getNumberValue() : value.getStringValue();
  }
}
