package dev.authflow.spring;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.SessionUser;
import java.security.Principal;
import java.util.Optional;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application with Spring Security, as people write them. */
@SpringBootApplication
class ExampleApplication {
  @RestController
  static class Account {
    private final AuthFlow authflow;

    Account(AuthFlow authflow) {
      this.authflow = authflow;
    }

    @GetMapping("/me")
    SessionUser me(@AuthenticationPrincipal SessionUser user) {
      return user;
    }

    @GetMapping("/me/plain")
    SessionUser plain(SessionUser user) {
      return user;
    }

    @GetMapping("/public/greeting")
    String greeting(Optional<SessionUser> user) {
      return "Hello, " + user.map(SessionUser::fullName).orElse("stranger");
    }

    @GetMapping("/authentication")
    String authentication(AuthFlowAuthentication authentication, Principal principal) {
      return authentication.getName() + " " + principal.getName();
    }

    @PostMapping("/logout")
    void logout(AuthFlowAuthentication authentication) {
      authflow.logout(authentication.getCredentials());
    }

    @GetMapping("/public/login")
    void failingLogin() {
      authflow.login("grace@example.com", "Analytical-1843");
    }
  }
}
