package dev.authflow.spring;

import dev.authflow.client.AuthFlowClientBuilder;

/** A bean that has the last word on the client's options: interceptors, credentials, a hook for repeats. */
@FunctionalInterface
public interface AuthFlowClientCustomizer {
  /** Changes the options, after the properties were applied. */
  void customize(AuthFlowClientBuilder builder);
}
