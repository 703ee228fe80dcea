package dev.authflow.client.testing;

import static dev.authflow.client.testing.Ada.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.authflow.client.Account;
import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowException;
import dev.authflow.client.Challenge;
import dev.authflow.client.FieldViolation;
import dev.authflow.client.LoginStep;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.client.TotpConfirmation;
import dev.authflow.client.TotpSetup;
import dev.authflow.stand.Authenticator;
import dev.authflow.stand.Stand;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What users do with second factors, on one side or the other, with the same outcome. */
abstract class SecondFactorFlows {
  private static final String NEW_PASSWORD = "Difference-1822";
  private static final String RECOVERY_CODE = "[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}";

  private final Side side;
  private final AuthFlow authflow;

  SecondFactorFlows(Side side) {
    this.side = side;
    this.authflow = side.authflow();
  }

  @AfterEach
  void disconnect() {
    side.close();
  }

  @Test
  void anAppIsSetUpAndAnswersAChallenge() {
    Ada ada = new Ada(side);
    Session other = ada.login();
    Session session = ada.login();
    TotpSetup setup = authflow.enableTotp(session.token());
    assertTrue(setup.otpauthUrl().contains("secret=" + setup.secret()), "the link has another secret");
    assertTrue(setup.qrCode().startsWith("data:image/svg+xml"), setup::qrCode);
    assertEquals(10, Math.round(Duration.between(side.now(), setup.expiresAt()).toSeconds() / 60.0));
    ada.keep(setup);
    refused(Reason.CODE_INVALID, () -> authflow.confirmTotp(session.token(), ada.wrongCode()));
    // Nothing has changed.
    ada.login();

    String first = ada.code();
    TotpConfirmation confirmation = authflow.confirmTotp(session.token(), first);
    assertEquals(10, new HashSet<>(confirmation.recoveryCodes()).size());
    confirmation.recoveryCodes().forEach(code -> assertTrue(code.matches(RECOVERY_CODE), code));
    assertTrue(confirmation.session().isEmpty());
    refused(Reason.SESSION_REVOKED, () -> authflow.validate(other.token()));
    Account account = authflow.me(session.token());
    assertTrue(account.secondFactor());
    assertEquals(10, account.recoveryCodesLeft());

    AuthFlowException error =
        refused(Reason.SECOND_FACTOR_REQUIRED, () -> authflow.login(ada.email, Stand.PASSWORD));
    Challenge challenge = error.challenge().orElseThrow();
    assertEquals(List.of(Challenge.TOTP, Challenge.RECOVERY), challenge.methods());
    assertEquals(10, Math.round(Duration.between(side.now(), challenge.expiresAt()).toSeconds() / 60.0));
    // Each is good once, that which confirmed too.
    refused(Reason.CODE_INVALID, () -> authflow.verifyTotp(challenge.token(), first));
    String second = ada.nextCode();
    LoginStep step = authflow.verifyTotp(challenge.token(), second);
    assertEquals(ada.email, step.session().orElseThrow().email());
    assertEquals(OptionalInt.empty(), step.recoveryCodesLeft());
    assertEquals(ada.email, authflow.validate(step.session().orElseThrow().token()).email());
    refused(Reason.CHALLENGE_INVALID, () -> authflow.verifyTotp(challenge.token(), ada.nextCode()));
  }

  @Test
  void aRecoveryCodeIsGoodOnceInAnySpelling() {
    Ada ada = new Ada(side);
    Session session = ada.enrol();
    String sloppy = ada.recoveryCode(0).toLowerCase(Locale.ROOT).replace("-", " ").replace('0', 'o').replace('1', 'l');
    LoginStep step = authflow.verifyRecoveryCode(ada.challenge().token(), sloppy);
    assertEquals(OptionalInt.of(9), step.recoveryCodesLeft());
    assertEquals(9, authflow.me(step.session().orElseThrow().token()).recoveryCodesLeft());
    refused(
        Reason.CODE_INVALID, () -> authflow.verifyRecoveryCode(ada.challenge().token(), ada.recoveryCode(0)));

    List<String> others = authflow.regenerateRecoveryCodes(session.token(), ada.recoveryCode(1));
    assertEquals(10, others.size());
    refused(
        Reason.CODE_INVALID, () -> authflow.verifyRecoveryCode(ada.challenge().token(), ada.recoveryCode(2)));
    assertEquals(
        OptionalInt.of(9),
        authflow.verifyRecoveryCode(ada.challenge().token(), others.get(0)).recoveryCodesLeft());
  }

  @Test
  void whatIsGraveNeedsACodeOfAUserWithAFactor() {
    Ada ada = new Ada(side);
    String token = ada.enrol().token();
    refused(Reason.REAUTHENTICATION_REQUIRED, () -> authflow.changePassword(token, NEW_PASSWORD, Stand.PASSWORD));
    refused(Reason.REAUTHENTICATION_REQUIRED, () -> authflow.changeEmail(token, Stand.newEmail(), Stand.PASSWORD));
    refused(Reason.REAUTHENTICATION_REQUIRED, () -> authflow.deleteAccount(token, Stand.PASSWORD));
    refused(
        Reason.CODE_INVALID,
        () -> authflow.changePassword(token, "", NEW_PASSWORD, Stand.PASSWORD, ada.wrongCode()));
    assertEquals(0, authflow.changePassword(token, "", NEW_PASSWORD, "", ada.nextCode()));
    assertEquals(0, authflow.changePassword(token, "", Stand.PASSWORD, NEW_PASSWORD, ada.recoveryCode(0)));
    authflow.changeEmail(token, "", Stand.newEmail(), Stand.PASSWORD, ada.nextCode());
    assertEquals(1, authflow.deleteAccount(token, "", Stand.PASSWORD, ada.nextCode()));
    refused(Reason.USER_NOT_FOUND, ada::login);
  }

  @Test
  void aFreshProofIsThePasswordOrALoginOfTheLastQuarterOfAnHour() {
    Ada ada = new Ada(side);
    String old = ada.login().token();
    side.pass(Duration.ofMinutes(16));
    refused(Reason.REAUTHENTICATION_REQUIRED, () -> authflow.enableTotp(old));
    refused(Reason.CREDENTIALS_INVALID, () -> authflow.enableTotp(old, "Wrong-1843"));
    ada.keep(authflow.enableTotp(old, Stand.PASSWORD));
    ada.keep(authflow.confirmTotp(old, ada.code()));
    refused(Reason.REAUTHENTICATION_REQUIRED, () -> authflow.disableTotp(old, ada.nextCode()));
    refused(Reason.REAUTHENTICATION_REQUIRED, () -> authflow.regenerateRecoveryCodes(old, ada.recoveryCode(0)));
    assertEquals(10, authflow.regenerateRecoveryCodes(old, Stand.PASSWORD, ada.nextCode()).size());
  }

  @Test
  void aFactorIsTakenOff() {
    Ada ada = new Ada(side);
    String token = ada.enrol().token();
    String other = ada.loginByApp().token();
    refused(Reason.SECOND_FACTOR_ALREADY_ENABLED, () -> authflow.enableTotp(token));
    refused(Reason.SECOND_FACTOR_ALREADY_ENABLED, () -> authflow.confirmTotp(token, ada.nextCode()));
    refused(Reason.CODE_INVALID, () -> authflow.disableTotp(token, ada.wrongCode()));
    authflow.disableTotp(token, ada.nextCode());
    refused(Reason.SESSION_REVOKED, () -> authflow.validate(other));
    assertFalse(authflow.me(token).secondFactor());
    ada.login();
    refused(Reason.SECOND_FACTOR_NOT_ENABLED, () -> authflow.disableTotp(token, ada.nextCode()));
    refused(Reason.SECOND_FACTOR_NOT_ENABLED, () -> authflow.regenerateRecoveryCodes(token, ada.nextCode()));
    refused(Reason.SECOND_FACTOR_NOT_ENABLED, () -> authflow.confirmTotp(token, ada.nextCode()));
  }

  @Test
  void aSecretIsConfirmedWithinTenMinutesAndTheLatestAlone() {
    Ada ada = new Ada(side);
    String token = ada.login().token();
    Authenticator former = new Authenticator(authflow.enableTotp(token).secret());
    ada.keep(authflow.enableTotp(token));
    refused(Reason.CODE_INVALID, () -> authflow.confirmTotp(token, former.code(side.now())));
    side.pass(Duration.ofMinutes(11));
    refused(Reason.SECOND_FACTOR_NOT_ENABLED, () -> authflow.confirmTotp(token, ada.code()));
  }

  @Test
  void aChallengeTakesFiveTriesAndTenMinutes() {
    Ada ada = new Ada(side);
    ada.enrol();
    String tried = ada.challenge().token();
    for (int tries = 0; tries < 4; tries += 1) {
      refused(Reason.CODE_INVALID, () -> authflow.verifyTotp(tried, ada.wrongCode()));
    }
    refused(Reason.CODE_INVALID, () -> authflow.verifyRecoveryCode(tried, "0000-0000-0000-0000"));
    refused(Reason.CHALLENGE_INVALID, () -> authflow.verifyTotp(tried, ada.nextCode()));
    String old = ada.challenge().token();
    side.pass(Duration.ofMinutes(11));
    refused(Reason.CHALLENGE_INVALID, () -> authflow.verifyTotp(old, ada.code()));
    refused(Reason.CHALLENGE_INVALID, () -> authflow.verifyTotp("forged", ada.code()));
    // It takes the methods that it names, and is for no other call.
    String challenge = ada.challenge().token();
    refused(Reason.CHALLENGE_INVALID, () -> authflow.sendEmailCode(challenge));
    refused(Reason.CHALLENGE_INVALID, () -> authflow.enableTotpByChallenge(challenge));
    String spaced = ada.nextCode().replaceFirst("...", "$0 ");
    assertTrue(authflow.verifyTotp(challenge, spaced).session().isPresent());
  }

  @Test
  void aChallengeIsVoidOnceTheCredentialsAreOthers() {
    Ada ada = new Ada(side);
    String token = ada.enrol().token();
    String challenge = ada.challenge().token();
    authflow.changePassword(token, "", Stand.PASSWORD, Stand.PASSWORD, ada.nextCode());
    refused(Reason.CHALLENGE_INVALID, () -> authflow.verifyTotp(challenge, ada.nextCode()));
  }

  @Test
  void fiftyWrongCodesLockUntilARecoveryCodeOrAnAdministratorOpens() {
    Ada ada = new Ada(side);
    ada.enrol();
    lock(ada);
    refused(Reason.ACCOUNT_LOCKED, () -> authflow.verifyTotp(ada.challenge().token(), ada.nextCode()));
    assertTrue(
        authflow.verifyRecoveryCode(ada.challenge().token(), ada.recoveryCode(0)).session().isPresent());
    ada.loginByApp();
    lock(ada);
    side.unlock(ada.email);
    ada.loginByApp();
  }

  @Test
  void parametersThatAreNoneAreTold() {
    Ada ada = new Ada(side);
    String token = ada.login().token();
    assertEquals(List.of("code"), fields(() -> authflow.confirmTotp(token, "")));
    assertEquals(List.of("code"), fields(() -> authflow.disableTotp(token, "")));
    assertEquals(List.of("challenge", "code"), fields(() -> authflow.verifyTotp("", "")));
    assertEquals(List.of("code"), fields(() -> authflow.verifyTotp("c", "12345")));
    assertEquals(List.of("code"), fields(() -> authflow.disableTotp(token, "0000-0000-0000-000U")));
    assertEquals(List.of("recovery_code"), fields(() -> authflow.verifyRecoveryCode("c", "123456")));
    assertEquals(List.of("challenge"), fields(() -> authflow.sendEmailCode("")));
    assertEquals(List.of("challenge", "recovery_code"), fields(() -> authflow.verifyRecoveryCode(null, null)));
  }

  private void lock(Ada ada) {
    String challenge = "";
    for (int tries = 0; tries < 50; tries += 1) {
      if (tries % 5 == 0) {
        challenge = ada.challenge().token();
      }
      String tried = challenge;
      refused(Reason.CODE_INVALID, () -> authflow.verifyTotp(tried, ada.wrongCode()));
    }
  }

  private static List<String> fields(Executable call) {
    List<String> fields =
        refused(Reason.INVALID_ARGUMENT, call).violations().stream()
            .map(FieldViolation::field)
            .collect(Collectors.toList());
    Collections.sort(fields);
    return fields;
  }
}
