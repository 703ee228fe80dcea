package dev.authflow.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.authflow.stand.Stand;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** An application whose key the server refuses. */
@ExtendWith(OutputCaptureExtension.class)
@SpringBootTest(
    classes = ExampleApplication.class,
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = "authflow.filter.public-paths=/public/*")
class RefusedKeyTest {
  private static final String API_KEY = "af_" + "C".repeat(43);

  @Value("${local.server.port}")
  private int port;

  @DynamicPropertySource
  static void server(DynamicPropertyRegistry registry) {
    registry.add("authflow.address", Stand::grpc);
    registry.add("authflow.api-key", () -> API_KEY);
  }

  @Test
  void visitorsAreToldUnavailableAndTheLogWhy(CapturedOutput output) throws Exception {
    HttpResponse<String> login = new Http(port).send("GET", "/public/login");
    assertThat(login.statusCode()).isEqualTo(503);
    assertThat(login.headers().firstValue("WWW-Authenticate")).isEmpty();
    assertThat(login.body()).contains("\"statusCode\":503,\"error\":\"UNAVAILABLE\"").doesNotContain("key");
    assertThat(output).contains("WARN", "The API key is not valid.").doesNotContain(API_KEY);
  }
}
