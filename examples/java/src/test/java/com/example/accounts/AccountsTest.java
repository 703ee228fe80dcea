package com.example.accounts;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.springframework.http.MediaType.APPLICATION_JSON;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.cookie;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.authflow.client.testing.AuthFlowFake;
import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.web.servlet.AutoConfigureMockMvc;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.ResultActions;

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
  void aLoginOfTwoSteps() throws Exception {
    authflow.signUp("katherine@example.com", "Analytical-1843", "Katherine Johnson", true);
    String token = authflow.login("katherine@example.com", "Analytical-1843").token();
    authflow.enableTotp(token);
    String recoveryCode =
        authflow.confirmTotp(token, authflow.totpCode("katherine@example.com")).recoveryCodes().get(0);
    authflow.setPassword("katherine@example.com", "Analytical-1843", true);

    Cookie first =
        logIn("katherine@example.com", "Analytical-1843")
            .andExpect(status().isUnauthorized())
            .andExpect(jsonPath("error", is("SECOND_FACTOR_REQUIRED")))
            .andExpect(jsonPath("methods", contains("totp", "recovery")))
            .andExpect(content().string(not(containsString("fake."))))
            .andExpect(cookie().httpOnly("login_challenge", true))
            .andReturn()
            .getResponse()
            .getCookie("login_challenge");
    answer(first, "{\"code\":\"12345\"}").andExpect(status().isBadRequest());
    backend.perform(post("/login/mail").cookie(first)).andExpect(status().isUnauthorized());
    Cookie second =
        answer(first, "{\"code\":\"" + authflow.totpCode("katherine@example.com") + "\"}")
            .andExpect(status().isForbidden())
            .andExpect(jsonPath("methods", contains("change_password")))
            .andReturn()
            .getResponse()
            .getCookie("login_challenge");
    String change = "{\"password\":\"Difference-1822\",\"currentPassword\":\"Analytical-1843\"}";
    backend
        .perform(post("/reset-password").cookie(second).contentType(APPLICATION_JSON).content(change))
        .andExpect(status().isNoContent());

    Cookie third =
        logIn("katherine@example.com", "Difference-1822").andReturn().getResponse().getCookie("login_challenge");
    answer(third, "{\"method\":\"recovery\",\"code\":\"" + recoveryCode + "\"}")
        .andExpect(status().isOk())
        .andExpect(jsonPath("email", is("katherine@example.com")))
        .andExpect(cookie().maxAge("login_challenge", 0));
    answer(third, "{\"method\":\"recovery\",\"code\":\"" + recoveryCode + "\"}")
        .andExpect(status().isUnauthorized())
        .andExpect(jsonPath("error", is("CHALLENGE_INVALID")));
  }

  private ResultActions logIn(String email, String password) throws Exception {
    String form = "{\"email\":\"" + email + "\",\"password\":\"" + password + "\"}";
    return backend.perform(post("/login").contentType(APPLICATION_JSON).content(form));
  }

  private ResultActions answer(Cookie challenge, String form) throws Exception {
    return backend.perform(post("/login/code").cookie(challenge).contentType(APPLICATION_JSON).content(form));
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
