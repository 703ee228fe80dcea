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
import dev.authflow.client.Account;
import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowClient;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.FieldViolation;
import dev.authflow.client.Session;
import dev.authflow.stand.Organization;
import dev.authflow.stand.SharedCases;
import dev.authflow.stand.Stand;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
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
    return cases()
        .map(
            each ->
                dynamicTest(
                    text(each, "name"),
                    () -> {
                      MovedClock clock = new MovedClock(Instant.now());
                      AuthFlowFake fake = new AuthFlowFake(clock);
                      new Run(fake, new BesideFake(fake, clock)).make(each);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> theServerDoesAsCaseByCase() throws IOException {
    return cases()
        .map(
            each ->
                dynamicTest(
                    text(each, "name"),
                    () -> {
                      Organization organization = Stand.newOrganization();
                      try (AuthFlowClient client =
                          AuthFlowClient.builder().address(Stand.grpc()).apiKey(organization.apiKey()).build()) {
                        new Run(client, new BesideServer(organization)).make(each);
                      }
                    }));
  }

  private static Stream<JsonObject> cases() throws IOException {
    return Stream.concat(
        list(SharedCases.fakeBehaviour(), "cases").stream(),
        list(SharedCases.fakeAccountBehaviour(), "cases").stream());
  }

  /** What is not a client's: a backend gives roles, a user reads mail. */
  private interface Beside {
    void giveRoles(String email, List<String> roles);

    /** The token of the last mail of a kind to an address, so long after it was sent. */
    String mailed(String kind, String email, String to, Duration age);
  }

  private static final class BesideFake implements Beside {
    private final AuthFlowFake fake;
    private final MovedClock clock;

    BesideFake(AuthFlowFake fake, MovedClock clock) {
      this.fake = fake;
      this.clock = clock;
    }

    @Override
    public void giveRoles(String email, List<String> roles) {
      fake.setRoles(email, roles.toArray(String[]::new));
    }

    @Override
    public String mailed(String kind, String email, String to, Duration age) {
      String token = "";
      for (Mail mail : fake.mails()) {
        if (mail.kind() == Mail.Kind.valueOf(kind.toUpperCase(Locale.ROOT)) && mail.to().equals(to)) {
          token = mail.token();
        }
      }
      clock.now = clock.now.plus(age);
      return token;
    }
  }

  private static final class BesideServer implements Beside {
    private final Organization organization;

    BesideServer(Organization organization) {
      this.organization = organization;
    }

    @Override
    public void giveRoles(String email, List<String> roles) {
      Stand.giveRoles(organization, email, roles);
    }

    @Override
    public String mailed(String kind, String email, String to, Duration age) {
      return Stand.mailToken(organization, kind, email, to, age);
    }
  }

  /** One case, with what it keeps. */
  private static final class Run {
    private final AuthFlow authflow;
    private final Beside beside;
    private final Map<String, String> saved = new HashMap<>();

    Run(AuthFlow authflow, Beside beside) {
      this.authflow = authflow;
      this.beside = beside;
    }

    void make(JsonObject testCase) {
      for (JsonObject step : list(testCase, "steps")) {
        if (step.has("roles")) {
          List<String> roles = new ArrayList<>();
          step.getAsJsonArray("roles").forEach(role -> roles.add(role.getAsString()));
          beside.giveRoles(text(step, "email"), roles);
        } else if (step.has("mail")) {
          Duration age = Duration.ofSeconds(step.has("age_seconds") ? step.get("age_seconds").getAsLong() : 0);
          save(step, beside.mailed(text(step, "mail"), text(step, "email"), text(step, "to"), age));
        } else {
          step(step);
        }
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
      String token = kept(text(arguments, "sessionToken"));
      boolean knowsEmail = arguments.has("email");
      switch (text(step, "call")) {
        case "signUp":
          return fields(authflow.signUp(email, password, text(arguments, "fullname"), isTrue(arguments, "disclaimed")));
        case "login":
          Session session =
              arguments.has("sessionToken")
                  ? authflow.login(email, password, token)
                  : authflow.login(email, password);
          save(step, session.token());
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
          Account account = authflow.me(token, email);
          save(step, account.sessionId());
          return fields(account);
        case "sendVerificationEmail":
          authflow.sendVerificationEmail(email);
          return new JsonObject();
        case "verifyEmail":
          return fields(authflow.verifyEmail(kept(text(arguments, "token"))));
        case "forgotPassword":
          authflow.forgotPassword(email);
          return new JsonObject();
        case "resetPassword":
          return fields(authflow.resetPassword(kept(text(arguments, "token")), text(arguments, "newPassword")));
        case "renewSession":
          Session renewed = authflow.renewSession(token, email);
          save(step, renewed.token());
          return fields(renewed);
        case "listMySessions":
          JsonObject list = new JsonObject();
          list.add("sessions", GSON.toJsonTree(authflow.listMySessions(token, email)));
          return list;
        case "endMySessions":
          return ended(authflow.endMySessions(token, email, kept(text(arguments, "session_id"))));
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

    private void save(JsonObject step, String text) {
      saved.put("$" + text(step, "save"), text);
    }

    private String kept(String given) {
      return saved.getOrDefault(given, given);
    }

    private static JsonObject fields(Object result) {
      return GSON.toJsonTree(result).getAsJsonObject();
    }
  }
}
