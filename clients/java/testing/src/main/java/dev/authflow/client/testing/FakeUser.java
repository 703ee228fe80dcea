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
  List<String> roles = List.of();
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
    credentialVersion += 1;
  }

  void moveTo(String email) {
    this.email = email;
    credentialVersion += 1;
  }

  /** Raised by what makes mailed tokens void. */
  int credentialVersion() {
    return credentialVersion;
  }
}
