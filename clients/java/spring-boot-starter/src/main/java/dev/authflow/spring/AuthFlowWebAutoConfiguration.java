package dev.authflow.spring;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

/** What servlet applications get: users as parameters, answers to errors, and the filter where Spring Security does not do its work. */
@AutoConfiguration(after = AuthFlowAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
public class AuthFlowWebAutoConfiguration {
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingClass("org.springframework.security.config.annotation.web.builders.HttpSecurity")
  @ConditionalOnProperty(name = "authflow.filter.enabled", matchIfMissing = true)
  static class Filters {
    @Bean
    @ConditionalOnMissingBean(value = AuthFlowFilter.class, parameterizedContainer = FilterRegistrationBean.class)
    FilterRegistrationBean<AuthFlowFilter> authFlowFilter(AuthFlow authflow, AuthFlowProperties properties) {
      AuthFlowProperties.Filter options = properties.filter();
      var registration = new FilterRegistrationBean<>(SessionFilters.builder(authflow, options).build());
      registration.setUrlPatterns(options.urlPatterns());
      registration.setOrder(options.order());
      return registration;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(RequestMappingHandlerAdapter.class)
  static class Parameters {
    /** Before Spring's own: a SessionUser is a Principal, and Spring Security's principals are none of AuthFlow's. */
    @Bean
    SmartInitializingSingleton authFlowParameters(ObjectProvider<RequestMappingHandlerAdapter> adapters) {
      return () -> adapters.forEach(Parameters::resolveUsersFirst);
    }

    private static void resolveUsersFirst(RequestMappingHandlerAdapter adapter) {
      List<HandlerMethodArgumentResolver> resolvers = new ArrayList<>();
      resolvers.add(new SessionUserResolver());
      resolvers.addAll(Objects.requireNonNullElse(adapter.getArgumentResolvers(), List.of()));
      adapter.setArgumentResolvers(resolvers);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(ControllerAdvice.class)
  @ConditionalOnProperty(name = "authflow.errors.enabled", matchIfMissing = true)
  static class Errors {
    @Bean
    AuthFlowErrorAdvice authFlowErrorAdvice() {
      return new AuthFlowErrorAdvice();
    }
  }
}
