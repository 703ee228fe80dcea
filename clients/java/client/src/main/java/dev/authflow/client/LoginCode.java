package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.annotations.SerializedName;
import dev.authflow.v1.SendLoginCodeResponse;
import java.time.Instant;

/**
 * What goes with a code that was mailed to log in: {@link SecondFactors#verifyEmailCode} takes both. It is a secret, to be
 * kept as a {@link Challenge} is. Printed, or written by Jackson and Gson, it is without the token.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
public final class LoginCode {
  private final transient String token;

  @SerializedName("expires_at")
  @JsonAdapter(Instants.class)
  private final Instant expiresAt;

  private LoginCode(SendLoginCodeResponse reply) {
    token = reply.getChallenge();
    expiresAt = Instants.of(reply.getExpiresAt());
  }

  /** Reads a reply of the generated stubs. */
  public static LoginCode from(SendLoginCodeResponse reply) {
    return new LoginCode(reply);
  }

  /** What {@link SecondFactors#verifyEmailCode} takes as the challenge. */
  public String token() {
    return token;
  }

  /** When it stops being accepted: 10 minutes from now. */
  public Instant expiresAt() {
    return expiresAt;
  }

  /** Jackson would need a module of its own for an Instant, and write a number. */
  @JsonProperty("expires_at")
  String expiresAtText() {
    return expiresAt.toString();
  }

  @Override
  public String toString() {
    return "LoginCode[expiresAt=" + expiresAt + "]";
  }
}
