package dev.authflow.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.Session;
import dev.authflow.client.testing.AuthFlowFake;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** An application with Spring Security whose sessions are in a cookie, which browsers send by themselves. */
@SpringBootTest(
    classes = {ExampleApplication.class, CookieTest.Fakes.class},
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = "authflow.filter.cookie=session")
class CookieTest {
  @Autowired private AuthFlow authflow;

  @Value("${local.server.port}")
  private int port;

  @Test
  void aChangeNeedsTheTokenAgainstForgery() throws Exception {
    authflow.signUp("ada@example.com", "Analytical-1843", "Ada Lovelace", true);
    Session session = authflow.login("ada@example.com", "Analytical-1843");
    assertThat(send("GET", "/me", session).statusCode()).isEqualTo(200);
    assertThat(send("POST", "/logout", session).statusCode()).isEqualTo(403);
    assertThat(authflow.validate(session.token()).userId()).isEqualTo(session.userId());
  }

  private HttpResponse<String> send(String method, String path, Session session) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("Cookie", "session=" + session.token())
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @TestConfiguration
  static class Fakes {
    @Bean
    AuthFlowFake authflow() {
      return new AuthFlowFake();
    }
  }
}
