package dev.authflow.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.authflow.client.Session;
import dev.authflow.client.testing.AuthFlowFake;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Roles as Spring Security's authorities, with a fake. */
@SpringBootTest(classes = RolesTest.Application.class, webEnvironment = WebEnvironment.RANDOM_PORT)
class RolesTest {
  @Autowired private AuthFlowFake fake;

  @Value("${local.server.port}")
  private int port;

  @Test
  void anyOneOfTheRolesIsEnough() throws Exception {
    fake.signUp("ada@example.com", "Analytical-1843", "Ada Lovelace", true);
    Session session = fake.login("ada@example.com", "Analytical-1843");
    fake.setRoles("ada@example.com", "audit");
    HttpResponse<String> refused = new Http(port).send("GET", "/reports", session.token());
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).startsWith("{\"statusCode\":403,\"error\":\"ACCESS_DENIED\",\"message\":\"");
    assertThat(refused.headers().firstValue("WWW-Authenticate")).isEmpty();
    fake.setRoles("ada@example.com", "audit", "auditor");
    assertThat(new Http(port).send("GET", "/reports", session.token()).statusCode()).isEqualTo(200);
    assertThat(new Http(port).send("GET", "/authorities", session.token()).body())
        .isEqualTo("[ROLE_audit, ROLE_auditor]");
    HttpResponse<String> nobody = new Http(port).send("GET", "/reports");
    assertThat(nobody.statusCode()).isEqualTo(401);
    assertThat(nobody.body()).contains("SESSION_INVALID");
  }

  @Configuration
  @EnableAutoConfiguration
  @EnableMethodSecurity
  @Import(Reports.class)
  static class Application {
    @Bean
    AuthFlowFake authflow() {
      return new AuthFlowFake();
    }
  }

  @RestController
  static class Reports {
    @GetMapping("/reports")
    @PreAuthorize("hasAnyRole('auditor', 'admin')")
    String reports() {
      return "Nothing to report.";
    }

    @GetMapping("/authorities")
    String authorities(AuthFlowAuthentication authentication) {
      return authentication.getAuthorities().toString();
    }
  }
}
