package dev.authflow.client.testing;

/** The settings of the fake's one organization. */
final class FakeSettings {
  boolean requireVerifiedEmail;
  boolean loginByEmail;
  SecondFactorPolicy secondFactor = SecondFactorPolicy.OPTIONAL;
}
