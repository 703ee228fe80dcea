package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a login tells the server of the session that a device had before. */
class PreviousSessionTest {
  private static final String SECRET_OF_ANOTHER = "another-partys-secret";

  private final LoginRequests logins = new LoginRequests();
  private AuthFlowClient client;
  private AuthFlowClient recorded;
  private Session live;
  private Session ended;

  @BeforeEach
  void connect() {
    Organization organization = Stand.newOrganization();
    client = Clients.of(organization);
    recorded = Clients.builder(Stand.grpc(), organization.apiKey()).interceptors(logins).build();
    ended = Clients.newSession(client);
    live = client.login(ended.email(), Stand.PASSWORD);
    client.logout(ended.token());
  }

  @AfterEach
  void disconnect() {
    recorded.close();
    client.close();
  }

  @Test
  void isWhatARequestCanCarry() {
    String longest = "a".repeat(8_192);
    for (String given : Arrays.asList(ended.token(), longest, "", null, longest + "a", "header.payload.\ud800")) {
      recorded.login(live.email(), Stand.PASSWORD, given);
      recorded.async().login(live.email(), Stand.PASSWORD, given).join();
    }
    String token = ended.token();
    assertEquals(List.of(token, token, longest, longest, "", "", "", "", "", "", "", ""), logins.told());
  }

  @Test
  void isTheRequestsOwnBehindAFilter() throws Exception {
    visit(AuthFlowFilter.builder(client), live.token(), this::logIn);
    visit(AuthFlowFilter.builder(client).optional(), ended.token(), this::logIn);
    visit(AuthFlowFilter.builder(client).publicPaths("/account"), ended.token(), this::logIn);
    visit(AuthFlowFilter.builder(client), live.token(), email -> recorded.async().login(email, Stand.PASSWORD).join());
    visit(AuthFlowFilter.builder(client), live.token(), email -> recorded.loginStep(email, Stand.PASSWORD));
    visit(AuthFlowFilter.builder(client), live.token(), email -> recorded.async().loginStep(email, Stand.PASSWORD).join());
    String token = live.token();
    assertEquals(List.of(token, ended.token(), ended.token(), token, token, token), logins.told());
  }

  @Test
  void isNoSecretOfAnotherParty() throws Exception {
    visit(AuthFlowFilter.builder(client).optional(), SECRET_OF_ANOTHER, this::logIn);
    visit(AuthFlowFilter.builder(client).publicPaths("/account"), SECRET_OF_ANOTHER, this::logIn);
    assertEquals(List.of("", ""), logins.told());
  }

  @Test
  void isWhatTheHandlerGives() throws Exception {
    visit(AuthFlowFilter.builder(client), live.token(), email -> recorded.login(email, Stand.PASSWORD, ended.token()));
    visit(AuthFlowFilter.builder(client), live.token(), email -> recorded.login(email, Stand.PASSWORD, ""));
    assertEquals(List.of(ended.token(), ""), logins.told());
  }

  @Test
  void isKeptNoLongerThanItsRequest() throws Exception {
    try (GuardedServlet servlet =
        new GuardedServlet(
            AuthFlowFilter.builder(client).optional().build(), () -> logIn(live.email()))) {
      servlet.get("Bearer " + live.token());
      servlet.get();
    }
    assertEquals(List.of(live.token(), ""), logins.told());
  }

  private void logIn(String email) {
    recorded.login(email, Stand.PASSWORD);
  }

  private void visit(AuthFlowFilter.Builder filter, String token, Consumer<String> login) throws Exception {
    try (GuardedServlet servlet = new GuardedServlet(filter.build(), () -> login.accept(live.email()))) {
      assertEquals(200, servlet.get("Bearer " + token).statusCode());
    }
  }
}
