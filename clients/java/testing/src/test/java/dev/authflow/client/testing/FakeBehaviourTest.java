package dev.authflow.client.testing;

import static dev.authflow.stand.SharedCases.isTrue;
import static dev.authflow.stand.SharedCases.list;
import static dev.authflow.stand.SharedCases.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowClient;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.FieldViolation;
import dev.authflow.client.Session;
import dev.authflow.stand.SharedCases;
import dev.authflow.stand.Stand;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of what a fake does as a server does, by the fake and by a real server. */
class FakeBehaviourTest {
  private static final Gson GSON = new Gson();

  @TestFactory
  Stream<DynamicTest> theFakeDoesAsCaseByCase() throws IOException {
    return cases().map(each -> dynamicTest(text(each, "name"), () -> new Run(new AuthFlowFake()).make(each)));
  }

  @TestFactory
  Stream<DynamicTest> theServerDoesAsCaseByCase() throws IOException {
    return cases()
        .map(
            each ->
                dynamicTest(
                    text(each, "name"),
                    () -> {
                      String apiKey = Stand.newOrganization().apiKey();
                      try (AuthFlowClient client =
                          AuthFlowClient.builder().address(Stand.grpc()).apiKey(apiKey).build()) {
                        new Run(client).make(each);
                      }
                    }));
  }

  private static Stream<JsonObject> cases() throws IOException {
    return list(SharedCases.fakeBehaviour(), "cases").stream();
  }

  /** One case, with the tokens that it keeps. */
  private static final class Run {
    private final AuthFlow authflow;
    private final Map<String, String> tokens = new HashMap<>();

    Run(AuthFlow authflow) {
      this.authflow = authflow;
    }

    void make(JsonObject testCase) {
      list(testCase, "steps").forEach(this::step);
    }

    private void step(JsonObject step) {
      if (step.has("result")) {
        JsonObject result = call(step);
        step.getAsJsonObject("result")
            .entrySet()
            .forEach(field -> assertEquals(field.getValue(), result.get(field.getKey())));
        return;
      }
      AuthFlowException error = assertThrows(AuthFlowException.class, () -> call(step));
      JsonObject wanted = step.getAsJsonObject("error");
      assertEquals(text(wanted, "code"), error.code().name(), error::toString);
      assertEquals(text(wanted, "reason"), error.reason(), error::toString);
      if (wanted.has("fields")) {
        Set<String> fields = new HashSet<>();
        for (JsonElement field : wanted.getAsJsonArray("fields")) {
          fields.add(field.getAsString());
        }
        assertEquals(fields, error.violations().stream().map(FieldViolation::field).collect(Collectors.toSet()));
      }
    }

    private JsonObject call(JsonObject step) {
      JsonObject arguments = step.getAsJsonObject("arguments");
      String email = text(arguments, "email");
      String password = text(arguments, "password");
      String token = token(text(arguments, "sessionToken"));
      boolean knowsEmail = arguments.has("email");
      switch (text(step, "call")) {
        case "signUp":
          return fields(authflow.signUp(email, password, text(arguments, "fullname"), isTrue(arguments, "disclaimed")));
        case "login":
          Session session =
              arguments.has("sessionToken")
                  ? authflow.login(email, password, token)
                  : authflow.login(email, password);
          tokens.put("$" + text(step, "save"), session.token());
          return fields(session);
        case "validate":
          return fields(knowsEmail ? authflow.validate(token, email) : authflow.validate(token));
        case "changePassword":
          return changed(arguments, token, email, knowsEmail);
        case "logout":
          if (knowsEmail) {
            authflow.logout(token, email);
          } else {
            authflow.logout(token);
          }
          return new JsonObject();
        default:
          return fail("no such call: " + step);
      }
    }

    private JsonObject changed(JsonObject arguments, String token, String email, boolean knowsEmail) {
      String newPassword = text(arguments, "newPassword");
      String currentPassword = text(arguments, "currentPassword");
      JsonObject result = new JsonObject();
      result.addProperty(
          "ended_sessions",
          knowsEmail
              ? authflow.changePassword(token, email, newPassword, currentPassword)
              : authflow.changePassword(token, newPassword, currentPassword));
      return result;
    }

    private String token(String given) {
      return tokens.getOrDefault(given, given);
    }

    private static JsonObject fields(Object result) {
      return GSON.toJsonTree(result).getAsJsonObject();
    }
  }
}
