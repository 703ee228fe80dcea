package dev.authflow.client;

import com.google.protobuf.Timestamp;
import dev.authflow.v1.ValidateResponse;
import java.lang.reflect.Proxy;
import java.util.List;

/** Clients to whom every session is live, and of a user with these roles. */
final class SessionsWithRoles {
  static final String TOKEN = Tokens.withClaims("{\"email\":\"ada@example.com\"}");

  private SessionsWithRoles() {}

  static AuthFlow of(String... roles) {
    SessionUser user =
        SessionUser.from(
            ValidateResponse.newBuilder()
                .setUserId("u")
                .setEmail("ada@example.com")
                .setExpiresAt(Timestamp.newBuilder().setSeconds(1_893_553_445))
                .addAllRoles(List.of(roles))
                .build());
    return (AuthFlow)
        Proxy.newProxyInstance(
            AuthFlow.class.getClassLoader(),
            new Class<?>[] {AuthFlow.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("validate")) {
                return user;
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }
}
