package com.example.accounts;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowFilter;
import dev.authflow.client.SessionUser;
import dev.authflow.client.User;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The accounts of this backend. The starter guards its paths, and answers what AuthFlow refuses. */
@RestController
class AccountController {
  private final AuthFlow authflow;

  AccountController(AuthFlow authflow) {
    this.authflow = authflow;
  }

  @PostMapping("/register")
  @ResponseStatus(HttpStatus.CREATED)
  User register(@RequestBody Registration form) {
    // The page with this form showed the terms.
    return authflow.signUp(form.email(), form.password(), form.fullname(), true);
  }

  /**
   * The answer is the same for everybody: nobody learns who has an account. The mail's link leads to
   * your page, or the server's own.
   */
  @PostMapping("/forgot-password")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void forgotPassword(@RequestBody Forgotten form) {
    authflow.forgotPassword(form.email());
  }

  /** By the token of a mail, or, without one, by a login that said that the password must be changed. */
  @PostMapping("/reset-password")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void resetPassword(
      @RequestBody NewPassword form,
      @CookieValue(name = LoginController.CHALLENGE, defaultValue = "") String challenge) {
    String token = form.token() == null ? challenge : form.token();
    authflow.resetPassword(token, form.password(), form.currentPassword());
  }

  @GetMapping("/me")
  SessionUser me(SessionUser user) {
    return user;
  }

  @PostMapping("/logout")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void logout(@RequestAttribute(AuthFlowFilter.SESSION_TOKEN) String token) {
    authflow.logout(token);
  }

  record Registration(String email, String password, String fullname) {}

  record Forgotten(String email) {}

  record NewPassword(String token, String password, String currentPassword) {}
}
