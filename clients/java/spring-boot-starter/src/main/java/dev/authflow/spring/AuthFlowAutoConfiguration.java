package dev.authflow.spring;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowAsync;
import dev.authflow.client.AuthFlowClient;
import dev.authflow.client.AuthFlowClientBuilder;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The client as a bean, unless there is another {@link AuthFlow}, such as a test's {@code AuthFlowFake}. */
@AutoConfiguration
@EnableConfigurationProperties(AuthFlowProperties.class)
public class AuthFlowAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean(AuthFlow.class)
  AuthFlowClient authFlowClient(AuthFlowProperties properties, ObjectProvider<AuthFlowClientCustomizer> customizers) {
    AuthFlowClientBuilder builder = AuthFlowClient.builder().deadline(properties.deadline());
    Optional.ofNullable(properties.address()).ifPresent(builder::address);
    Optional.ofNullable(properties.apiKey()).ifPresent(builder::apiKey);
    Optional.ofNullable(properties.trust()).ifPresent(builder::trust);
    if (properties.plaintext()) {
      builder.plaintext();
    }
    if (properties.certificateChain() != null || properties.privateKey() != null) {
      builder.identity(properties.certificateChain(), properties.privateKey());
    }
    customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
    return builder.build();
  }

  @Bean
  @ConditionalOnBean(AuthFlowClient.class)
  @ConditionalOnMissingBean(AuthFlowAsync.class)
  AuthFlowAsync authFlowAsync(AuthFlowClient client) {
    return client.async();
  }
}
