package dev.authflow.client.testing;

import com.google.gson.JsonObject;
import dev.authflow.client.AuthFlow;
import dev.authflow.client.AuthFlowClient;
import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** What second factors are tried on: the fake, and a real server. */
interface Side extends AutoCloseable {
  AuthFlow authflow();

  /** The time by the side's own clock. */
  Instant now();

  void pass(Duration time);

  void setPassword(String email, String password, boolean mustChange);

  void unlock(String email);

  void secondFactor(SecondFactorPolicy policy);

  void requireVerifiedEmail();

  @Override
  void close();

  static Side fake() {
    MovedClock clock = new MovedClock(Instant.now());
    AuthFlowFake fake = new AuthFlowFake(clock);
    return new Side() {
      @Override
      public AuthFlow authflow() {
        return fake;
      }

      @Override
      public Instant now() {
        return clock.now;
      }

      @Override
      public void pass(Duration time) {
        clock.now = clock.now.plus(time);
      }

      @Override
      public void setPassword(String email, String password, boolean mustChange) {
        fake.setPassword(email, password, mustChange);
      }

      @Override
      public void unlock(String email) {
        fake.unlock(email);
      }

      @Override
      public void secondFactor(SecondFactorPolicy policy) {
        fake.secondFactor(policy);
      }

      @Override
      public void requireVerifiedEmail() {
        fake.requireVerifiedEmail(true);
      }

      @Override
      public void close() {}
    };
  }

  static Side server() {
    Organization organization = Stand.newOrganization();
    AuthFlowClient client =
        AuthFlowClient.builder().address(Stand.grpc()).apiKey(organization.apiKey()).build();
    return new Side() {
      @Override
      public AuthFlow authflow() {
        return client;
      }

      /** A nonce lives 5 minutes. */
      @Override
      public Instant now() {
        return client.fooBar("ada@example.com").expiresAt().minus(Duration.ofMinutes(5));
      }

      @Override
      public void pass(Duration time) {
        Stand.pass(time);
      }

      @Override
      public void setPassword(String email, String password, boolean mustChange) {
        Stand.setPassword(organization, email, password, mustChange);
      }

      @Override
      public void unlock(String email) {
        Stand.unlock(organization, email);
      }

      @Override
      public void secondFactor(SecondFactorPolicy policy) {
        JsonObject settings = new JsonObject();
        settings.addProperty("second_factor", policy.name().toLowerCase(Locale.ROOT));
        Stand.change(organization, settings);
      }

      @Override
      public void requireVerifiedEmail() {
        JsonObject settings = new JsonObject();
        settings.addProperty("require_verified_email", true);
        Stand.change(organization, settings);
      }

      @Override
      public void close() {
        client.close();
      }
    };
  }
}
