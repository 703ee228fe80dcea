package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In a real servlet container. */
class RequireRoleFilterTest {
  private static final String BEARER = "Bearer " + SessionsWithRoles.TOKEN;
  private static final RequireRoleFilter EDITORS = new RequireRoleFilter("admin", "editor");

  @Test
  void anyOneOfTheRolesIsEnough() throws Exception {
    AuthFlowFilter sessions = new AuthFlowFilter(SessionsWithRoles.of("edit", "editors", "editor"));
    try (GuardedServlet servlet = new GuardedServlet(() -> {}, sessions, EDITORS)) {
      assertEquals(200, servlet.get(BEARER).statusCode());
    }
  }

  @Test
  void othersAreAnswered403() throws Exception {
    AuthFlowFilter sessions = new AuthFlowFilter(SessionsWithRoles.of("edit", "editors"));
    try (GuardedServlet servlet = new GuardedServlet(() -> {}, sessions, EDITORS)) {
      HttpResponse<String> reply = servlet.get(BEARER);
      assertEquals(403, reply.statusCode());
      JsonObject body = JsonParser.parseString(reply.body()).getAsJsonObject();
      assertEquals(403, body.get("statusCode").getAsInt());
      assertEquals(Reason.ACCESS_DENIED, body.get("error").getAsString());
      assertEquals(3, body.size());
      assertEquals("no-store", reply.headers().firstValue("Cache-Control").orElseThrow());
      assertTrue(reply.headers().firstValue("WWW-Authenticate").isEmpty());
    }
  }

  @Test
  void whoHasNoSessionIsAnswered401WhateverTheFilterBeforeLetsThrough() throws Exception {
    AuthFlow client = SessionsWithRoles.of("editor");
    for (AuthFlowFilter sessions :
        new AuthFlowFilter[] {
          new AuthFlowFilter(client),
          AuthFlowFilter.builder(client).optional().build(),
          AuthFlowFilter.builder(client).publicPaths("/*").build(),
        }) {
      try (GuardedServlet servlet = new GuardedServlet(() -> {}, sessions, EDITORS)) {
        HttpResponse<String> reply = servlet.get();
        assertEquals(401, reply.statusCode());
        assertTrue(reply.body().contains(Reason.SESSION_INVALID));
        assertEquals("Bearer", reply.headers().firstValue("WWW-Authenticate").orElseThrow());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Admin", "", "1st", "two words"})
  void whatCannotBeARoleIsRefusedAtOnce(String role) {
    assertThrows(IllegalArgumentException.class, () -> new RequireRoleFilter("editor", role));
    assertThrows(IllegalArgumentException.class, () -> new RequireRoleInterceptor(role));
  }

  @Test
  void aRoleIsNeeded() {
    assertThrows(IllegalArgumentException.class, RequireRoleFilter::new);
    assertThrows(IllegalArgumentException.class, RequireRoleInterceptor::new);
  }
}
