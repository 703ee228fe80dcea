package dev.authflow.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowAsync;
import dev.authflow.client.Session;
import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** An application with Spring Security, beside a real server. */
@SpringBootTest(
    classes = ExampleApplication.class,
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = "authflow.filter.public-paths=/public/*")
class SecurityTest {
  private static final Organization ORGANIZATION = Stand.newOrganization();

  @Autowired private AuthFlow authflow;
  @Autowired private AuthFlowAsync async;
  @Autowired private AuthFlowProperties properties;
  @Autowired private UserDetailsService users;
  @Value("${local.server.port}")
  private int port;

  @DynamicPropertySource
  static void server(DynamicPropertyRegistry registry) {
    registry.add("authflow.address", Stand::grpc);
    registry.add("authflow.api-key", ORGANIZATION::apiKey);
  }

  @Test
  void theUserIsThePrincipal() throws Exception {
    Session session = newSession();
    HttpResponse<String> me = new Http(port).send("GET", "/me", session.token());
    assertThat(me.statusCode()).isEqualTo(200);
    assertThat(me.body())
        .contains("\"user_id\":\"" + session.userId() + "\"", "\"expires_at\":\"" + session.expiresAt() + "\"")
        .doesNotContain(session.token());
    assertThat(new Http(port).send("GET", "/authentication", session.token()).body())
        .isEqualTo(session.userId() + " " + session.userId());
  }

  @Test
  void theUserIsAParameterWithoutAnAnnotationToo() throws Exception {
    Session session = newSession();
    HttpResponse<String> me = new Http(port).send("GET", "/me/plain", session.token());
    assertThat(me.statusCode()).isEqualTo(200);
    assertThat(me.body()).contains("\"user_id\":\"" + session.userId() + "\"");
    assertThat(new Http(port).send("GET", "/public/greeting").body()).isEqualTo("Hello, stranger");
  }

  @Test
  void whoHasNoSessionIsToldWhy() throws Exception {
    Session session = newSession();
    refused(new Http(port).send("GET", "/me"), "SESSION_INVALID");
    assertThat(new Http(port).send("POST", "/logout", session.token()).statusCode()).isEqualTo(200);
    refused(new Http(port).send("GET", "/me", session.token()), "SESSION_REVOKED");
  }

  @Test
  void whatIsPublicIsLetThrough() throws Exception {
    HttpResponse<String> login = new Http(port).send("GET", "/public/login");
    assertThat(login.statusCode()).isEqualTo(404);
    assertThat(login.body()).contains("\"statusCode\":404,\"error\":\"USER_NOT_FOUND\"");
    refused(new Http(port).send("GET", "/public"), "SESSION_INVALID");
  }

  @Test
  void aPathThatIsNotThereIsNotFoundAndNotRefused() throws Exception {
    assertThat(new Http(port).send("GET", "/nowhere", newSession().token()).statusCode()).isEqualTo(404);
    assertThat(new Http(port).send("GET", "/public/nowhere").statusCode()).isEqualTo(404);
  }

  @Test
  void theAsynchronousClientIsABeanToo() {
    Session session = newSession();
    assertThat(async.validate(session.token()).join().userId()).isEqualTo(session.userId());
  }

  @Test
  void nothingPrintsASecret() {
    Session session = newSession();
    AuthFlowAuthentication authentication =
        new AuthFlowAuthentication(authflow.validate(session.token()), session.token());
    assertThat(authentication.toString()).doesNotContain(session.token());
    assertThat(properties.toString()).doesNotContain(ORGANIZATION.apiKey());
  }

  @Test
  void noUserWithAPrintedPasswordIsMadeUp() {
    assertThat(users.getClass().getPackageName()).isEqualTo("dev.authflow.spring");
  }

  private Session newSession() {
    String email = Stand.newEmail();
    authflow.signUp(email, Stand.PASSWORD, Stand.FULL_NAME, true);
    return authflow.login(email, Stand.PASSWORD);
  }

  private static void refused(HttpResponse<String> reply, String reason) {
    assertThat(reply.statusCode()).isEqualTo(401);
    assertThat(reply.headers().firstValue("WWW-Authenticate")).contains("Bearer");
    assertThat(reply.body()).startsWith("{\"statusCode\":401,\"error\":\"" + reason + "\"");
  }
}
