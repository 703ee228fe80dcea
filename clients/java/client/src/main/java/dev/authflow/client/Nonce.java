package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.annotations.SerializedName;
import dev.authflow.v1.FooBarResponse;
import java.time.Instant;

/** A nonce: good for one sign-up or one login. Printed or serialized, it is without the token. */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
public final class Nonce {
  private final transient String token;

  @SerializedName("expires_at")
  @JsonAdapter(Instants.class)
  private final Instant expiresAt;

  private Nonce(FooBarResponse reply) {
    token = reply.getToken();
    expiresAt = Instants.of(reply.getExpiresAt());
  }

  /** Reads a reply of the generated stubs. */
  public static Nonce from(FooBarResponse reply) {
    return new Nonce(reply);
  }

  /** What SignUp and Login take as {@code foobar}. */
  public String token() {
    return token;
  }

  /** When it stops being accepted. */
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
    return "Nonce[expiresAt=" + expiresAt + "]";
  }
}
