package dev.authflow.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowFilter;
import dev.authflow.client.Session;
import dev.authflow.client.SessionUser;
import dev.authflow.client.testing.AuthFlowFake;
import dev.authflow.client.testing.SecondFactorPolicy;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** Applications without Spring Security, with a fake. */
class FilterTest {
  private final AuthFlowFake fake = new AuthFlowFake();

  @Test
  void guardsEveryPathButPublicOnes() throws Exception {
    Session session = session();
    try (ConfigurableApplicationContext application = start()) {
      Http http = http(application);
      HttpResponse<String> me = http.send("GET", "/me", session.token());
      assertThat(me.statusCode()).isEqualTo(200);
      assertThat(me.body()).contains("\"user_id\":\"" + session.userId() + "\"");
      assertThat(http.send("GET", "/token", session.token()).body()).isEqualTo("true");
      assertThat(http.send("GET", "/me").body()).contains("SESSION_INVALID");
      assertThat(http.send("GET", "/login").statusCode()).isEqualTo(404);
      fake.unreachable();
      assertThat(http.send("GET", "/me", session.token()).statusCode()).isEqualTo(503);
      HttpResponse<String> login = http.send("GET", "/login");
      assertThat(login.statusCode()).isEqualTo(503);
      assertThat(login.body()).contains("\"error\":\"UNAVAILABLE\"").doesNotContain("fake");
    }
  }

  @Test
  void letsEverybodyThroughWhereSessionsAreOptional() throws Exception {
    try (ConfigurableApplicationContext application = start("--authflow.filter.optional=true")) {
      assertThat(http(application).send("GET", "/me").statusCode()).isEqualTo(200);
      assertThat(http(application).send("GET", "/me").body()).isEmpty();
    }
  }

  @Test
  void theUserIsAParameterThatMayBeEmpty() throws Exception {
    Session session = session();
    try (ConfigurableApplicationContext application = start("--authflow.filter.optional=true")) {
      assertThat(http(application).send("GET", "/greeting", session.token()).body()).isEqualTo("Hello, Ada Lovelace");
      assertThat(http(application).send("GET", "/greeting").body()).isEqualTo("Hello, stranger");
    }
  }

  @Test
  void answersWhatALoginNeedsBesides() throws Exception {
    fake.signUp("grace@example.com", "Analytical-1843", "Grace Hopper", true);
    fake.setPassword("grace@example.com", "Analytical-1843", true);
    try (ConfigurableApplicationContext application = start()) {
      HttpResponse<String> change = http(application).send("GET", "/login");
      assertThat(change.statusCode()).isEqualTo(403);
      assertThat(change.body()).contains("\"error\":\"PASSWORD_CHANGE_REQUIRED\"").doesNotContain("fake.");
      fake.secondFactor(SecondFactorPolicy.REQUIRED);
      HttpResponse<String> factor = http(application).send("GET", "/login");
      assertThat(factor.statusCode()).isEqualTo(401);
      assertThat(factor.body()).contains("\"error\":\"SECOND_FACTOR_REQUIRED\"").doesNotContain("fake.");
    }
  }

  @Test
  void isOffWhereItIsNotWanted() throws Exception {
    try (ConfigurableApplicationContext application =
        start("--authflow.filter.enabled=false", "--authflow.errors.enabled=false")) {
      assertThat(http(application).send("GET", "/me").statusCode()).isEqualTo(200);
      assertThat(http(application).send("GET", "/login").statusCode()).isEqualTo(500);
    }
  }

  private ConfigurableApplicationContext start(String... properties) {
    String[] arguments =
        Stream.concat(Stream.of(properties), Stream.of("--server.port=0", "--authflow.filter.public-paths=/login"))
            .toArray(String[]::new);
    return new SpringApplicationBuilder(Application.class)
        .resourceLoader(new DefaultResourceLoader(new FilteredClassLoader("org.springframework.security")))
        .initializers(
            context -> ((GenericApplicationContext) context).registerBean(AuthFlow.class, () -> fake))
        .run(arguments);
  }

  private static Http http(ConfigurableApplicationContext application) {
    return new Http(application.getEnvironment().getRequiredProperty("local.server.port", int.class));
  }

  private Session session() {
    fake.signUp("ada@example.com", "Analytical-1843", "Ada Lovelace", true);
    return fake.login("ada@example.com", "Analytical-1843");
  }

  @Configuration
  @EnableAutoConfiguration
  @Import(Account.class)
  static class Application {}

  @RestController
  static class Account {
    private final AuthFlow authflow;

    Account(AuthFlow authflow) {
      this.authflow = authflow;
    }

    @GetMapping("/me")
    SessionUser me(SessionUser user) {
      return user;
    }

    @GetMapping("/greeting")
    String greeting(Optional<SessionUser> user) {
      return "Hello, " + user.map(SessionUser::fullName).orElse("stranger");
    }

    @GetMapping("/token")
    boolean token(@RequestAttribute(AuthFlowFilter.SESSION_TOKEN) String token) {
      return token.startsWith("fake.");
    }

    @GetMapping("/login")
    void login() {
      authflow.login("grace@example.com", "Analytical-1843");
    }
  }
}
