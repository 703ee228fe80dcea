package dev.authflow.client.testing;

/** What an organization makes of second factors: its setting {@code second_factor}. */
public enum SecondFactorPolicy {
  /** Who sets one up needs it. The default. */
  OPTIONAL,
  /** Logins of users without one lead to its setup. */
  REQUIRED,
  /** Nobody sets one up; who has one still needs it. */
  OFF
}
