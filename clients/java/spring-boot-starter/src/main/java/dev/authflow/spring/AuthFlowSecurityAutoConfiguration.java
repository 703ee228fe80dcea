package dev.authflow.spring;

import dev.authflow.client.AuthFlow;
import jakarta.servlet.DispatcherType;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Scope;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** What applications with Spring Security get. */
@AutoConfiguration(
    after = AuthFlowAutoConfiguration.class,
    // Spring Boot's own chain, and its user with a printed password, are for applications that have neither. By name: the
    // classes are elsewhere in Spring Boot 4.
    beforeName = {
      "org.springframework.boot.autoconfigure.security.servlet.SecurityAutoConfiguration",
      "org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration",
      "org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration",
      "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration"
    })
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass(HttpSecurity.class)
@ConditionalOnProperty(name = "authflow.filter.enabled", matchIfMissing = true)
public class AuthFlowSecurityAutoConfiguration {
  @Bean
  @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
  AuthFlowConfigurer authFlowConfigurer(AuthFlow authflow, AuthFlowProperties properties) {
    return new AuthFlowConfigurer(SessionFilters.builder(authflow, properties.filter()).optional().build());
  }

  /** Every request needs a session, but those to public paths; none does where sessions are optional. */
  @Bean
  @ConditionalOnMissingBean
  SecurityFilterChain authFlowSecurityFilterChain(
      HttpSecurity http, AuthFlowConfigurer sessions, AuthFlowProperties properties) throws Exception {
    AuthFlowProperties.Filter options = properties.filter();
    http.with(sessions, Customizer.withDefaults());
    http.authorizeHttpRequests(
        requests -> {
          requests.dispatcherTypeMatchers(DispatcherType.ERROR).permitAll();
          RequestMatcher isPublic = sessions::isPublic;
          requests.requestMatchers(isPublic).permitAll();
          if (options.optional()) {
            requests.anyRequest().permitAll();
          } else {
            requests.anyRequest().authenticated();
          }
        });
    http.sessionManagement(none -> none.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
    // POST /logout is the application's: it knows the token.
    http.logout(AbstractHttpConfigurer::disable);
    if (options.cookie() == null) {
      // No browser adds a bearer by itself.
      http.csrf(AbstractHttpConfigurer::disable);
    }
    return http.build();
  }

  /** Nobody logs in by Spring Security's own forms. Without this Spring Boot makes up a user, and prints the password. */
  @Bean
  @ConditionalOnMissingBean({AuthenticationManager.class, AuthenticationProvider.class, UserDetailsService.class})
  UserDetailsService authFlowNoUsers() {
    return name -> {
      throw new UsernameNotFoundException("users are AuthFlow's");
    };
  }
}
