package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import dev.authflow.stand.Authenticator;
import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Neither key, token nor password is printed, logged, or part of what a client, result or error says of itself. */
class SecretsTest {
  private static final Logger ROOT = Logger.getLogger("");
  private static final Logger GRPC = Logger.getLogger("io.grpc");
  /** The log of the wire is off by default and shows what it is there to show; the README warns of it. */
  private static final Logger WIRE = Logger.getLogger("io.grpc.netty");

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private Handler handler;

  @BeforeEach
  void listen() {
    handler = new StreamHandler(printed, new SimpleFormatter());
    handler.setLevel(Level.ALL);
    ROOT.addHandler(handler);
    GRPC.setLevel(Level.ALL);
    WIRE.setLevel(Level.INFO);
    System.setOut(both(out));
    System.setErr(both(err));
  }

  @AfterEach
  void stopListening() {
    System.setOut(out);
    System.setErr(err);
    ROOT.removeHandler(handler);
    GRPC.setLevel(null);
    WIRE.setLevel(null);
  }

  @Test
  void nothingSaysASecret() throws Exception {
    Organization organization = Stand.newOrganization();
    StringWriter said = new StringWriter();
    PrintWriter says = new PrintWriter(said, true);
    Session session;
    List<String> secrets = new ArrayList<>(List.of(organization.apiKey().substring(3), Stand.PASSWORD));
    AuthFlowClientBuilder builder = Clients.builder(Stand.grpc(), organization.apiKey()).plaintext();
    try (AuthFlowClient client = builder.build();
        AuthFlowClient stranger = Clients.withKey(organization.apiKey().replace("af_", "af"));
        GuardedServlet servlet =
            new GuardedServlet(
                AuthFlowFilter.builder(client)
                    .remember(Duration.ofSeconds(1))
                    .onError(error -> error.printStackTrace(says))
                    .build());
        GuardedServlet broken =
            new GuardedServlet(AuthFlowFilter.builder(stranger).onError(error -> error.printStackTrace(says)).build())) {
      session = Clients.newSession(client);
      SessionUser user = client.validate(session.token(), session.email());
      says.println(List.of(builder, client, client.stub(), client.channel(), session, user, client.fooBar("a@b.example")));
      secrets.addAll(secondFactor(organization, client, session, says));
      for (GuardedServlet each : List.of(servlet, broken)) {
        says.println(each.get("Bearer " + session.token()).body());
      }
      client.logout(session.token(), session.email());
      says.println(servlet.get("Bearer " + session.token() + "x").body());
      assertThrows(AuthFlowException.class, () -> client.validate(session.token(), session.email()))
          .printStackTrace(says);
      assertThrows(AuthFlowException.class, () -> client.login(session.email(), "Wrong-" + Stand.PASSWORD))
          .printStackTrace(says);
      assertThrows(
              AuthFlowException.class,
              () -> client.login(session.email(), "Wrong-" + Stand.PASSWORD, session.token()))
          .printStackTrace(says);
    }
    handler.flush();
    String everything = said + printed.toString(StandardCharsets.UTF_8);
    secrets.add(session.token());
    for (String secret : secrets) {
      assertFalse(everything.contains(secret), () -> everything.replace(secret, "<<< THE SECRET >>>"));
    }
  }

  @Test
  void aKeyThatCannotBeSentIsRefusedUnseen() {
    for (String key : List.of("af_secret\n", "af_secret ", "af_sécret")) {
      AuthFlowClientBuilder builder = Clients.builder("localhost:1", key);
      IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, builder::build);
      assertEquals("the API key must be printable ASCII without spaces", refusal.getMessage());
    }
  }

  /** Says all that there is to say about one, and gives what is secret of it. */
  private static List<String> secondFactor(
      Organization organization, AuthFlow authflow, Session session, PrintWriter says) {
    JsonObject loginByEmail = new JsonObject();
    loginByEmail.addProperty("login_by_email", true);
    Stand.change(organization, loginByEmail);
    LoginCode code = authflow.sendLoginCode(session.email());
    TotpSetup setup = authflow.enableTotp(session.token());
    // It lives 10 minutes.
    Instant now = setup.expiresAt().minus(Duration.ofMinutes(10));
    String shown = new Authenticator(setup.secret()).code(now);
    TotpConfirmation confirmation = authflow.confirmTotp(session.token(), shown);
    LoginStep step = authflow.loginStep(session.email(), Stand.PASSWORD);
    AuthFlowException error =
        assertThrows(AuthFlowException.class, () -> authflow.login(session.email(), Stand.PASSWORD));
    String token = step.challenge().orElseThrow().token();
    says.println(List.of(code, setup, confirmation, step, step.challenge(), error, error.challenge(), error.toJson()));
    error.printStackTrace(says);
    assertThrows(AuthFlowException.class, () -> authflow.verifyTotp(token, shown)).printStackTrace(says);
    return List.of(
        code.token(),
        setup.secret(),
        confirmation.recoveryCodes().get(0),
        token,
        error.challenge().orElseThrow().token());
  }

  private PrintStream both(PrintStream stream) {
    OutputStream split =
        new OutputStream() {
          @Override
          public void write(int octet) {
            printed.write(octet);
            stream.write(octet);
          }
        };
    return new PrintStream(split, true, StandardCharsets.UTF_8);
  }
}
