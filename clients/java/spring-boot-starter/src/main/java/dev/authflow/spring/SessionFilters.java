package dev.authflow.spring;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.AuthFlowFilter;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/** Makes filters as the properties say. */
final class SessionFilters {
  private static final Log LOG = LogFactory.getLog(AuthFlowFilter.class);

  private SessionFilters() {}

  static AuthFlowFilter.Builder builder(AuthFlow authflow, AuthFlowProperties.Filter properties) {
    AuthFlowFilter.Builder builder =
        AuthFlowFilter.builder(authflow)
            .publicPaths(properties.publicPaths().toArray(String[]::new))
            .remember(properties.remember())
            .onError(SessionFilters::log);
    if (properties.optional()) {
      builder.optional();
    }
    if (properties.cookie() != null) {
      builder.cookie(properties.cookie());
    }
    return builder;
  }

  private static void log(AuthFlowException error) {
    LOG.warn("a session cannot be checked", error);
  }
}
