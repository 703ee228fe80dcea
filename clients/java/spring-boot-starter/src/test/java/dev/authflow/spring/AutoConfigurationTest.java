package dev.authflow.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowAsync;
import dev.authflow.client.AuthFlowClient;
import dev.authflow.client.AuthFlowFilter;
import dev.authflow.client.testing.AuthFlowFake;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What there is without a web application, and what backs off. */
class AutoConfigurationTest {
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  AuthFlowAutoConfiguration.class,
                  AuthFlowWebAutoConfiguration.class,
                  AuthFlowSecurityAutoConfiguration.class));

  @Test
  void thePropertiesMakeAClient() {
    application
        .withPropertyValues("authflow.address=auth.example.com:50051", "authflow.api-key=key", "authflow.deadline=2s")
        .run(
            context -> {
              assertThat(context).hasSingleBean(AuthFlowClient.class).hasSingleBean(AuthFlowAsync.class);
              assertThat(context).doesNotHaveBean(AuthFlowFilter.class);
              assertThat(context.getBean(AuthFlow.class)).hasToString("AuthFlowClient[auth.example.com:50051]");
            });
  }

  @Test
  void anApplicationWithoutAnAddressIsToldSo() {
    application
        .withPropertyValues("authflow.api-key=key")
        .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("AUTHFLOW_ADDRESS"));
  }

  @Test
  void contradictionsEndTheStart() {
    application
        .withPropertyValues("authflow.address=https://auth.example.com", "authflow.api-key=key", "authflow.plaintext=true")
        .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("plaintext()"));
  }

  @Test
  void aFakeTakesTheClientsPlace() {
    application
        .withBean(AuthFlow.class, AuthFlowFake::new)
        .run(context -> assertThat(context).hasSingleBean(AuthFlow.class).doesNotHaveBean(AuthFlowClient.class));
  }

  @Test
  void customizersHaveTheLastWord() {
    AtomicInteger asked = new AtomicInteger();
    application
        .withPropertyValues("authflow.address=localhost:1", "authflow.api-key=key")
        .withBean(AuthFlowClientCustomizer.class, () -> builder -> builder.address("localhost:" + asked.addAndGet(2)))
        .run(context -> assertThat(context.getBean(AuthFlow.class)).hasToString("AuthFlowClient[localhost:2]"));
  }

  @Test
  void editorsKnowTheProperties() throws IOException {
    try (InputStream metadata = getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      assertThat(new String(metadata.readAllBytes(), StandardCharsets.UTF_8))
          .contains("\"authflow.address\"", "\"authflow.filter.public-paths\"", "the organization's API key");
    }
  }
}
