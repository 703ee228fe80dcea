package com.example.accounts;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.authflow.client.AuthFlow;
import dev.authflow.client.Challenge;
import dev.authflow.client.LoginStep;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** A login, in one step or two. */
@RestController
class LoginController {
  /** Keeps the challenge between the steps, where no script reads it and no other site sends it. */
  static final String CHALLENGE = "login_challenge";

  private final AuthFlow authflow;

  LoginController(AuthFlow authflow) {
    this.authflow = authflow;
  }

  @PostMapping("/login")
  ResponseEntity<Object> login(@RequestBody Credentials form) {
    return answer(authflow.loginStep(form.email(), form.password()));
  }

  /** Mails a code to who has no authenticator app at hand. */
  @PostMapping("/login/mail")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void mail(@CookieValue(name = CHALLENGE, defaultValue = "") String challenge) {
    authflow.sendEmailCode(challenge);
  }

  /** Your page asks for the code of a method that the first step told. */
  @PostMapping("/login/code")
  ResponseEntity<Object> code(
      @RequestBody Code form, @CookieValue(name = CHALLENGE, defaultValue = "") String challenge) {
    if (Challenge.EMAIL.equals(form.method())) {
      return answer(authflow.verifyEmailCode(challenge, form.code()));
    }
    if (Challenge.RECOVERY.equals(form.method())) {
      return answer(authflow.verifyRecoveryCode(challenge, form.code()));
    }
    return answer(authflow.verifyTotp(challenge, form.code()));
  }

  private static ResponseEntity<Object> answer(LoginStep step) {
    return step.match(LoginController::loggedIn, LoginController::challenged);
  }

  private static ResponseEntity<Object> loggedIn(Session session) {
    return ResponseEntity.ok()
        .header(HttpHeaders.SET_COOKIE, cookie("", Duration.ZERO))
        .body(new LoggedIn(session.token(), session));
  }

  private static ResponseEntity<Object> challenged(Challenge challenge) {
    boolean isFactor = challenge.reason().equals(Reason.SECOND_FACTOR_REQUIRED);
    HttpStatus status = isFactor ? HttpStatus.UNAUTHORIZED : HttpStatus.FORBIDDEN;
    return ResponseEntity.status(status)
        .header(
            HttpHeaders.SET_COOKIE,
            cookie(challenge.token(), Duration.between(Instant.now(), challenge.expiresAt())))
        .body(new Challenged(status.value(), challenge.reason(), "The login goes on.", challenge.methods()));
  }

  private static String cookie(String challenge, Duration age) {
    return ResponseCookie.from(CHALLENGE, challenge)
        .path("/")
        .httpOnly(true)
        .secure(true)
        .sameSite("Strict")
        .maxAge(age)
        .build()
        .toString();
  }

  record Credentials(String email, String password) {}

  record Code(String method, String code) {}

  /** A session writes itself without its token: this is the one place that hands it out. */
  record LoggedIn(String token, @JsonUnwrapped Session session) {}

  /** An error in the server's own shape, with what may answer the challenge. */
  record Challenged(int statusCode, String error, String message, List<String> methods) {}
}
