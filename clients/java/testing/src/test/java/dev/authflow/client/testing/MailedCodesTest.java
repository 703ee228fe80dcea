package dev.authflow.client.testing;

import static dev.authflow.client.testing.Ada.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.authflow.client.Challenge;
import dev.authflow.client.LoginCode;
import dev.authflow.client.LoginStep;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.stand.Stand;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What the fake's mails have to do with logins, which a test reads there alone. */
class MailedCodesTest {
  private final Side side = Side.fake();
  private final AuthFlowFake fake = (AuthFlowFake) side.authflow();
  private final Ada ada = new Ada(side);

  @Test
  void aCodeByMailAnswersAChallengeOfAProvenAddress() {
    prove();
    ada.enrol();
    Challenge challenge = ada.challenge();
    assertEquals(List.of(Challenge.TOTP, Challenge.EMAIL, Challenge.RECOVERY), challenge.methods());
    assertEquals(challenge.expiresAt(), fake.sendEmailCode(challenge.token()));
    Mail former = lastMail();
    assertEquals(Mail.Kind.SECOND_FACTOR_CODE, former.kind());
    assertEquals(ada.email, former.to());
    assertTrue(former.code().matches("[0-9]{6}"), former::code);
    assertFalse(former.toString().contains(former.code()), former::toString);
    fake.sendEmailCode(challenge.token());
    Mail latest = lastMail();
    if (!latest.code().equals(former.code())) {
      refused(Reason.CODE_INVALID, () -> fake.verifyEmailCode(challenge.token(), former.code()));
    }
    Challenge other = ada.challenge();
    refused(Reason.CODE_INVALID, () -> fake.verifyEmailCode(other.token(), latest.code()));
    assertTrue(fake.verifyEmailCode(challenge.token(), latest.code()).session().isPresent());
    refused(Reason.CHALLENGE_INVALID, () -> fake.verifyEmailCode(challenge.token(), latest.code()));
  }

  @Test
  void aCodeByMailLogsInAndProvesTheAddress() {
    fake.loginByEmail(true);
    LoginCode former = fake.sendLoginCode(ada.email);
    String formerCode = lastMail().code();
    LoginCode code = fake.sendLoginCode(ada.email);
    refused(Reason.CODE_INVALID, () -> fake.verifyEmailCode(former.token(), formerCode));
    refused(Reason.INVALID_ARGUMENT, () -> fake.verifyEmailCode(code.token(), "none"));
    assertEquals(Mail.Kind.LOGIN_CODE, lastMail().kind());
    Session session = fake.verifyEmailCode(code.token(), lastMail().code()).session().orElseThrow();
    assertTrue(fake.validate(session.token()).emailVerified());
    refused(Reason.CHALLENGE_INVALID, () -> fake.sendEmailCode(fake.sendLoginCode(ada.email).token()));
  }

  @Test
  void nobodyIsAnsweredAlikeAndMailedNothing() {
    fake.loginByEmail(true);
    LoginCode code = fake.sendLoginCode("nobody@example.com");
    assertEquals(fake.sendLoginCode(ada.email).expiresAt(), code.expiresAt());
    assertEquals(1, fake.mails().size());
    refused(Reason.CODE_INVALID, () -> fake.verifyEmailCode(code.token(), "123456"));
    fake.disable(ada.email);
    fake.sendLoginCode(ada.email);
    assertEquals(1, fake.mails().size());
  }

  @Test
  void aLoginByMailNeedsTheAppOfWhoHasOneAndOneMailboxIsNotTwoFactors() {
    prove();
    ada.enrol();
    fake.loginByEmail(true);
    Challenge challenge = loginByMail().challenge().orElseThrow();
    assertEquals(Reason.SECOND_FACTOR_REQUIRED, challenge.reason());
    assertEquals(List.of(Challenge.TOTP, Challenge.RECOVERY), challenge.methods());
    assertTrue(fake.verifyTotp(challenge.token(), ada.nextCode()).session().isPresent());

    resetByMail();
    assertEquals(List.of(Challenge.TOTP, Challenge.RECOVERY), ada.challenge().methods());
    ada.loginByApp();
    assertEquals(List.of(Challenge.TOTP, Challenge.EMAIL, Challenge.RECOVERY), ada.challenge().methods());
  }

  @Test
  void theCodeOfAMailComesBeforeADemandedSetup() {
    prove();
    fake.secondFactor(SecondFactorPolicy.REQUIRED);
    Challenge challenge = ada.challenge();
    assertEquals(List.of(Challenge.EMAIL, Challenge.SETUP), challenge.methods());
    refused(Reason.CHALLENGE_INVALID, () -> fake.enableTotpByChallenge(challenge.token()));
    fake.sendEmailCode(challenge.token());
    Challenge setup = fake.verifyEmailCode(challenge.token(), lastMail().code()).challenge().orElseThrow();
    assertEquals(Reason.SECOND_FACTOR_REQUIRED, setup.reason());
    assertEquals(List.of(Challenge.SETUP), setup.methods());
    ada.keep(fake.enableTotpByChallenge(setup.token()));
    assertTrue(fake.confirmTotpByChallenge(setup.token(), ada.code()).session().isPresent());
    fake.setPassword(ada.email, Stand.PASSWORD, true);
    fake.loginByEmail(true);
    Challenge byMail = loginByMail().challenge().orElseThrow();
    Challenge password = fake.verifyTotp(byMail.token(), ada.nextCode()).challenge().orElseThrow();
    assertEquals(Reason.PASSWORD_CHANGE_REQUIRED, password.reason());
  }

  @Test
  void theFirstProofOfAnAddressTakesOffWhatSomebodySetUpBefore() {
    ada.enrol();
    resetByMail();
    assertFalse(fake.me(ada.login().token()).secondFactor());
    ada.enrol();
    resetByMail();
    assertEquals(Reason.SECOND_FACTOR_REQUIRED, ada.challenge().reason());
  }

  @Test
  void afterTheRightPasswordReasonsAreToldInOrder() {
    ada.enrol();
    fake.setPassword(ada.email, Stand.PASSWORD, true);
    fake.requireVerifiedEmail(true);
    fake.disable(ada.email);
    refused(Reason.CREDENTIALS_INVALID, () -> fake.login(ada.email, "Wrong-1843"));
    refused(Reason.USER_DISABLED, ada::login);
    fake.enable(ada.email);
    refused(Reason.EMAIL_NOT_VERIFIED, ada::login);
    fake.requireVerifiedEmail(false);
    refused(Reason.SECOND_FACTOR_REQUIRED, ada::login);
    LoginStep step = fake.async().verifyTotp(ada.challenge().token(), ada.nextCode()).join();
    assertEquals(Reason.PASSWORD_CHANGE_REQUIRED, step.match(Session::email, Challenge::reason));
  }

  @Test
  void theFakeIsAnAuthenticatorAppToo() {
    assertThrows(IllegalArgumentException.class, () -> fake.totpCode(ada.email));
    Session session = ada.login();
    ada.keep(fake.async().enableTotp(session.token()).join());
    assertEquals(ada.code(), fake.totpCode(ada.email));
    fake.async().confirmTotp(session.token(), fake.totpCode(ada.email)).join();
    // Ahead of its time, as the one before was used.
    assertTrue(fake.verifyTotp(ada.challenge().token(), fake.totpCode(ada.email)).session().isPresent());
    refused(Reason.CODE_INVALID, () -> fake.verifyTotp(ada.challenge().token(), fake.totpCode(ada.email)));
    CompletionException failed =
        assertThrows(CompletionException.class, () -> fake.async().disableTotp(session.token(), ada.wrongCode()).join());
    assertTrue(failed.getMessage().contains(Reason.CODE_INVALID), failed::getMessage);
  }

  private void prove() {
    fake.sendVerificationEmail(ada.email);
    fake.verifyEmail(lastMail().token());
  }

  private void resetByMail() {
    fake.forgotPassword(ada.email);
    fake.resetPassword(lastMail().token(), Stand.PASSWORD);
  }

  private LoginStep loginByMail() {
    LoginCode code = fake.sendLoginCode(ada.email);
    return fake.verifyEmailCode(code.token(), lastMail().code());
  }

  private Mail lastMail() {
    List<Mail> mails = fake.mails();
    return mails.get(mails.size() - 1);
  }
}
