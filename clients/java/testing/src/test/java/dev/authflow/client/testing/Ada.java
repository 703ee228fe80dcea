package dev.authflow.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.Challenge;
import dev.authflow.client.Session;
import dev.authflow.client.TotpConfirmation;
import dev.authflow.client.TotpSetup;
import dev.authflow.stand.Authenticator;
import dev.authflow.stand.Stand;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** A user with an authenticator app. */
final class Ada {
  final String email = Stand.newEmail();
  private final Side side;
  private final AuthFlow authflow;
  private Authenticator app;
  private List<String> recoveryCodes = List.of();

  /** Signs up. */
  Ada(Side side) {
    this.side = side;
    this.authflow = side.authflow();
    authflow.signUp(email, Stand.PASSWORD, Stand.FULL_NAME, true);
  }

  /** A login that needs no second factor. */
  Session login() {
    return authflow.login(email, Stand.PASSWORD);
  }

  /** Sets the app up, by a login of its own, which it gives. */
  Session enrol() {
    Session session = login();
    keep(authflow.enableTotp(session.token()));
    keep(authflow.confirmTotp(session.token(), code()));
    return session;
  }

  void keep(TotpSetup setup) {
    app = new Authenticator(setup.secret());
  }

  void keep(TotpConfirmation confirmation) {
    recoveryCodes = confirmation.recoveryCodes();
  }

  /** What the app shows. */
  String code() {
    return app.code(side.now());
  }

  /** What the app shows once the one before has gone. */
  String nextCode() {
    side.pass(Duration.ofSeconds(30));
    return code();
  }

  /** What the app does not show. */
  String wrongCode() {
    return app.wrongCode(side.now());
  }

  String recoveryCode(int index) {
    return recoveryCodes.get(index);
  }

  /** The challenge of a login that needs something besides. */
  Challenge challenge() {
    return authflow.loginStep(email, Stand.PASSWORD).challenge().orElseThrow();
  }

  /** A session that the app has opened. */
  Session loginByApp() {
    return authflow.verifyTotp(challenge().token(), nextCode()).session().orElseThrow();
  }

  static AuthFlowException refused(String reason, Executable call) {
    AuthFlowException error = assertThrows(AuthFlowException.class, call);
    assertEquals(reason, error.reason(), error::toString);
    return error;
  }
}
