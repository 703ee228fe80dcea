package com.example.accounts;

import static org.hamcrest.Matchers.is;
import static org.springframework.http.MediaType.APPLICATION_JSON;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.authflow.client.testing.AuthFlowFake;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.web.servlet.AutoConfigureMockMvc;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.web.servlet.MockMvc;

/** The backend with a fake: no AuthFlow server is needed. */
@SpringBootTest(properties = "PORT=0")
@AutoConfigureMockMvc
class AccountsTest {
  @Autowired private MockMvc backend;
  @Autowired private AuthFlowFake authflow;

  @Test
  void aUserComesAndGoes() throws Exception {
    backend
        .perform(
            post("/register")
                .contentType(APPLICATION_JSON)
                .content("{\"email\":\"ada@example.com\",\"password\":\"Analytical-1843\",\"fullname\":\"Ada Lovelace\"}"))
        .andExpect(status().isCreated())
        .andExpect(jsonPath("fullname", is("Ada Lovelace")));

    String token = authflow.login("ada@example.com", "Analytical-1843").token();
    backend
        .perform(get("/me").header("Authorization", "Bearer " + token))
        .andExpect(status().isOk())
        .andExpect(jsonPath("email", is("ada@example.com")));
    backend.perform(post("/logout").header("Authorization", "Bearer " + token)).andExpect(status().isNoContent());
    backend
        .perform(get("/me").header("Authorization", "Bearer " + token))
        .andExpect(status().isUnauthorized())
        .andExpect(jsonPath("error", is("SESSION_REVOKED")));
  }

  @Test
  void aForgottenPasswordIsReset() throws Exception {
    authflow.signUp("grace@example.com", "Analytical-1843", "Grace Hopper", true);
    backend
        .perform(post("/forgot-password").contentType(APPLICATION_JSON).content("{\"email\":\"grace@example.com\"}"))
        .andExpect(status().isNoContent());
    String token = authflow.mails().get(0).token();
    String reset = "{\"token\":\"" + token + "\",\"password\":\"Difference-1822\"}";
    backend
        .perform(post("/reset-password").contentType(APPLICATION_JSON).content(reset))
        .andExpect(status().isNoContent());
    authflow.login("grace@example.com", "Difference-1822");
    backend
        .perform(post("/reset-password").contentType(APPLICATION_JSON).content(reset))
        .andExpect(status().isUnauthorized())
        .andExpect(jsonPath("error", is("TOKEN_INVALID")));
  }

  @Test
  void faultsAreTold() throws Exception {
    backend
        .perform(post("/register").contentType(APPLICATION_JSON).content("{\"email\":\"ada\"}"))
        .andExpect(status().isBadRequest())
        .andExpect(jsonPath("violations.length()", is(3)));
    backend.perform(post("/login").contentType(APPLICATION_JSON).content("{")).andExpect(status().isBadRequest());
  }

  @Test
  void anOutageIsAnswered() throws Exception {
    authflow.unreachable();
    backend
        .perform(post("/login").contentType(APPLICATION_JSON).content("{}"))
        .andExpect(status().isServiceUnavailable())
        .andExpect(jsonPath("error", is("UNAVAILABLE")));
    authflow.reachable();
  }

  @TestConfiguration
  static class Fakes {
    @Bean
    AuthFlowFake authflow() {
      return new AuthFlowFake();
    }
  }
}
