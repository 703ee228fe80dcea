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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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

  @TestFactory
  Stream<DynamicTest> theFakeKeepsAccountsCaseByCase() throws IOException {
    return list(SharedCases.fakeAccountBehaviour(), "cases").stream()
        .map(
            each ->
                dynamicTest(
                    text(each, "name"),
                    () -> {
                      AuthFlowFake fake = new AuthFlowFake();
                      Run run = new Run(fake);
                      list(each, "steps").forEach(step -> run.step(fake, step));
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

    /** A step that may be a backend's, which gives roles, or a user's, who reads mail. */
    void step(AuthFlowFake fake, JsonObject step) {
      if (step.has("roles")) {
        List<String> roles = new ArrayList<>();
        step.getAsJsonArray("roles").forEach(role -> roles.add(role.getAsString()));
        fake.setRoles(text(step, "email"), roles.toArray(String[]::new));
      } else if (step.has("mail")) {
        Mail.Kind kind = Mail.Kind.valueOf(text(step, "mail").toUpperCase(Locale.ROOT));
        for (Mail mail : fake.mails()) {
          if (mail.kind() == kind && mail.to().equals(text(step, "to"))) {
            tokens.put("$" + text(step, "save"), mail.token());
          }
        }
      } else {
        step(step);
      }
    }

    private void step(JsonObject step) {
      if (step.has("result")) {
        JsonObject result = call(step);
        step.getAsJsonObject("result")
            .entrySet()
            .forEach(field -> assertHolds(field.getValue(), result.get(field.getKey())));
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
          return accountCall(text(step, "call"), step, arguments, token, email);
      }
    }

    private JsonObject accountCall(
        String call, JsonObject step, JsonObject arguments, String token, String email) {
      switch (call) {
        case "me":
          return fields(authflow.me(token, email));
        case "sendVerificationEmail":
          authflow.sendVerificationEmail(email);
          return new JsonObject();
        case "verifyEmail":
          return fields(authflow.verifyEmail(token(text(arguments, "token"))));
        case "forgotPassword":
          authflow.forgotPassword(email);
          return new JsonObject();
        case "resetPassword":
          return fields(authflow.resetPassword(token(text(arguments, "token")), text(arguments, "newPassword")));
        case "renewSession":
          Session renewed = authflow.renewSession(token, email);
          tokens.put("$" + text(step, "save"), renewed.token());
          return fields(renewed);
        case "listMySessions":
          JsonObject list = new JsonObject();
          list.add("sessions", GSON.toJsonTree(authflow.listMySessions(token, email)));
          return list;
        case "endMySessions":
          return ended(authflow.endMySessions(token, email, text(arguments, "session_id")));
        case "updateProfile":
          return fields(authflow.updateProfile(token, email, text(arguments, "fullname")));
        case "changeEmail":
          authflow.changeEmail(token, email, text(arguments, "newEmail"), text(arguments, "currentPassword"), "");
          return new JsonObject();
        case "deleteAccount":
          return ended(authflow.deleteAccount(token, email, text(arguments, "currentPassword"), ""));
        default:
          return fail("no such call: " + call);
      }
    }

    private static JsonObject ended(int sessions) {
      JsonObject fields = new JsonObject();
      fields.addProperty("ended_sessions", sessions);
      return fields;
    }

    /** Whether a value of JSON is another, or has all its fields among others. */
    private static void assertHolds(JsonElement wanted, JsonElement value) {
      if (wanted.isJsonObject()) {
        wanted.getAsJsonObject()
            .entrySet()
            .forEach(field -> assertHolds(field.getValue(), value.getAsJsonObject().get(field.getKey())));
      } else if (wanted.isJsonArray()) {
        assertEquals(wanted.getAsJsonArray().size(), value.getAsJsonArray().size());
        for (int index = 0; index < wanted.getAsJsonArray().size(); index += 1) {
          assertHolds(wanted.getAsJsonArray().get(index), value.getAsJsonArray().get(index));
        }
      } else {
        assertEquals(wanted, value);
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
