package dev.authflow.client.testing;

import dev.authflow.client.Reason;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** A user of the fake. */
final class FakeUser {
  final String id = UUID.randomUUID().toString();
  final Instant createdAt;
  String email;
  String fullName;
  boolean emailVerified;
  boolean isDisabled;
  boolean mustChangePassword;
  List<String> roles = List.of();
  /** Null where there is none. */
  FakeFactor factor;
  /** A secret that no code has confirmed yet; null where there is none. */
  FakeFactor unconfirmed;
  /** After a reset by mail, until the app or a recovery code was used: one mailbox is not two factors. */
  boolean isMailNoFactor;
  /** The latest code of a mail, and its challenge; null where there is none. */
  FakeChallenges.Entry mailedFor;
  String mailedCode = "";
  int wrongCodes;
  int wrongRecoveryCodes;
  private String password;
  private int credentialVersion;

  FakeUser(String email, String fullName, String password, Instant createdAt) {
    this.email = email;
    this.fullName = fullName;
    this.password = password;
    this.createdAt = createdAt;
  }

  void requirePassword(String given) {
    if (!password.equals(given)) {
      throw Refusals.because(Reason.CREDENTIALS_INVALID);
    }
  }

  void setPassword(String password) {
    this.password = password;
    mustChangePassword = false;
    credentialVersion += 1;
  }

  void moveTo(String email) {
    this.email = email;
    credentialVersion += 1;
  }

  void mailed(String code, FakeChallenges.Entry challenge) {
    mailedCode = code;
    mailedFor = challenge;
  }

  /** Null for none. */
  void setFactor(FakeFactor factor) {
    this.factor = factor;
    unconfirmed = null;
    isMailNoFactor = false;
    forgetWrongCodes();
    credentialVersion += 1;
  }

  /** In the place of those before. */
  List<String> newRecoveryCodes() {
    credentialVersion += 1;
    return factor.newRecoveryCodes();
  }

  void disable() {
    isDisabled = true;
    credentialVersion += 1;
  }

  void forgetWrongCodes() {
    wrongCodes = 0;
    wrongRecoveryCodes = 0;
  }

  /** Raised by what makes mailed tokens and challenges void. */
  int credentialVersion() {
    return credentialVersion;
  }
}
