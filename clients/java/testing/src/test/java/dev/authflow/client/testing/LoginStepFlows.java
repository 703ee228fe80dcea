package dev.authflow.client.testing;

import static dev.authflow.client.testing.Ada.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.authflow.client.AuthFlow;
import dev.authflow.client.Challenge;
import dev.authflow.client.LoginStep;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.client.TotpConfirmation;
import dev.authflow.stand.Stand;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What logins lead to, on one side or the other, with the same outcome. */
abstract class LoginStepFlows {
  private static final String NEW_PASSWORD = "Difference-1822";

  private final Side side;
  private final AuthFlow authflow;

  LoginStepFlows(Side side) {
    this.side = side;
    this.authflow = side.authflow();
  }

  @AfterEach
  void disconnect() {
    side.close();
  }

  @Test
  void aLoginThatNeedsNothingElseIsASession() {
    Ada ada = new Ada(side);
    LoginStep step = authflow.loginStep(ada.email, Stand.PASSWORD);
    assertEquals(ada.email, step.match(Session::email, Challenge::reason));
    assertTrue(step.challenge().isEmpty());
    assertTrue(authflow.loginStep(ada.email, Stand.PASSWORD, ada.login().token()).session().isPresent());
    refused(Reason.CREDENTIALS_INVALID, () -> authflow.loginStep(ada.email, "Wrong-1843"));
  }

  @Test
  void anOrganizationMayDemandAFactor() {
    Ada ada = new Ada(side);
    side.secondFactor(SecondFactorPolicy.REQUIRED);
    Challenge challenge = ada.challenge();
    assertEquals(Reason.SECOND_FACTOR_REQUIRED, challenge.reason());
    assertEquals(List.of(Challenge.SETUP), challenge.methods());
    refused(Reason.CHALLENGE_INVALID, () -> authflow.verifyTotp(challenge.token(), "123456"));
    ada.keep(authflow.enableTotpByChallenge(challenge.token()));
    refused(Reason.CODE_INVALID, () -> authflow.confirmTotpByChallenge(challenge.token(), ada.wrongCode()));
    TotpConfirmation confirmation = authflow.confirmTotpByChallenge(challenge.token(), ada.code());
    assertEquals(10, confirmation.recoveryCodes().size());
    assertEquals(ada.email, authflow.validate(confirmation.session().orElseThrow().token()).email());
    refused(Reason.CHALLENGE_INVALID, () -> authflow.enableTotpByChallenge(challenge.token()));
    ada.loginByApp();
  }

  @Test
  void anOrganizationMayTakeNoNewOnes() {
    Ada ada = new Ada(side);
    ada.enrol();
    Ada other = new Ada(side);
    side.secondFactor(SecondFactorPolicy.OFF);
    refused(Reason.SECOND_FACTOR_NOT_ENABLED, () -> authflow.enableTotp(other.login().token()));
    ada.loginByApp();
  }

  @Test
  void anOrganizationMayDemandAProvenAddress() {
    Ada ada = new Ada(side);
    side.requireVerifiedEmail();
    refused(Reason.EMAIL_NOT_VERIFIED, () -> authflow.loginStep(ada.email, Stand.PASSWORD));
  }

  @Test
  void aPasswordThatMustBeChangedIsChangedFirst() {
    Ada ada = new Ada(side);
    side.setPassword(ada.email, Stand.PASSWORD, true);
    Challenge challenge = ada.challenge();
    String token = challenge.token();
    assertEquals(Reason.PASSWORD_CHANGE_REQUIRED, challenge.reason());
    assertEquals(List.of(Challenge.CHANGE_PASSWORD), challenge.methods());
    refused(Reason.INVALID_ARGUMENT, () -> authflow.resetPassword(token, NEW_PASSWORD));
    refused(Reason.PASSWORD_POLICY, () -> authflow.resetPassword(token, "difference", Stand.PASSWORD));
    refused(Reason.PASSWORD_POLICY, () -> authflow.resetPassword(token, Stand.PASSWORD, Stand.PASSWORD));
    refused(Reason.CREDENTIALS_INVALID, () -> authflow.resetPassword(token, NEW_PASSWORD, "Wrong-1843"));
    assertEquals(ada.email, authflow.resetPassword(token, NEW_PASSWORD, Stand.PASSWORD).email());
    refused(Reason.CHALLENGE_INVALID, () -> authflow.resetPassword(token, Stand.PASSWORD, NEW_PASSWORD));
    assertTrue(authflow.loginStep(ada.email, NEW_PASSWORD).session().isPresent());
  }

  @Test
  void theSecondFactorComesBeforeANewPassword() {
    Ada ada = new Ada(side);
    ada.enrol();
    side.setPassword(ada.email, Stand.PASSWORD, true);
    Challenge factor = ada.challenge();
    assertEquals(Reason.SECOND_FACTOR_REQUIRED, factor.reason());
    refused(
        Reason.CHALLENGE_INVALID, () -> authflow.resetPassword(factor.token(), NEW_PASSWORD, Stand.PASSWORD));
    Challenge password = authflow.verifyTotp(factor.token(), ada.nextCode()).challenge().orElseThrow();
    assertEquals(Reason.PASSWORD_CHANGE_REQUIRED, password.reason());
    authflow.resetPassword(password.token(), NEW_PASSWORD, Stand.PASSWORD);
    Challenge again = authflow.loginStep(ada.email, NEW_PASSWORD).challenge().orElseThrow();
    LoginStep step = authflow.verifyRecoveryCode(again.token(), ada.recoveryCode(0));
    assertEquals(9, step.recoveryCodesLeft().orElseThrow());
  }

  @Test
  void whoSetsUpAFactorAndMustChangeThePasswordLogsInAgain() {
    Ada ada = new Ada(side);
    side.secondFactor(SecondFactorPolicy.REQUIRED);
    side.setPassword(ada.email, Stand.PASSWORD, true);
    String setup = ada.challenge().token();
    ada.keep(authflow.enableTotpByChallenge(setup));
    TotpConfirmation confirmation = authflow.confirmTotpByChallenge(setup, ada.code());
    assertEquals(10, confirmation.recoveryCodes().size());
    assertTrue(confirmation.session().isEmpty());
    Challenge password =
        authflow.verifyTotp(ada.challenge().token(), ada.nextCode()).challenge().orElseThrow();
    assertEquals(Reason.PASSWORD_CHANGE_REQUIRED, password.reason());
  }

  @Test
  void aCodeByMailLogsInWhereTheOrganizationHasThatOn() {
    refused(Reason.ACCESS_DENIED, () -> authflow.sendLoginCode("ada@example.com"));
  }

  @Test
  void aUserHasTenChallengesAtMost() {
    Ada ada = new Ada(side);
    ada.enrol();
    String first = ada.challenge().token();
    String second = ada.challenge().token();
    for (int others = 0; others < 9; others += 1) {
      ada.challenge();
    }
    side.pass(Duration.ofSeconds(30));
    refused(Reason.CHALLENGE_INVALID, () -> authflow.verifyTotp(first, ada.code()));
    assertTrue(authflow.verifyTotp(second, ada.code()).session().isPresent());
  }
}
