package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.annotations.SerializedName;
import dev.authflow.v1.EnableTotpResponse;
import java.time.Instant;

/**
 * A new secret for the user's authenticator app, in three forms, which are the user's alone to see. Printed, or written by
 * Jackson and Gson, it is without them: yours to hand out.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
public final class TotpSetup {
  private final transient String secret;
  private final transient String otpauthUrl;
  private final transient String qrCode;

  @SerializedName("expires_at")
  @JsonAdapter(Instants.class)
  private final Instant expiresAt;

  private TotpSetup(EnableTotpResponse reply) {
    secret = reply.getSecret();
    otpauthUrl = reply.getOtpauthUrl();
    qrCode = reply.getQrCode();
    expiresAt = Instants.of(reply.getExpiresAt());
  }

  /** Reads a reply of the generated stubs. */
  public static TotpSetup from(EnableTotpResponse reply) {
    return new TotpSetup(reply);
  }

  /** The secret in base32, to be typed in. */
  public String secret() {
    return secret;
  }

  /** The same as a link for authenticator apps. */
  public String otpauthUrl() {
    return otpauthUrl;
  }

  /** That link as a QR code: a data URL of an SVG image, for the {@code src} of an {@code <img>}. */
  public String qrCode() {
    return qrCode;
  }

  /** Until when {@link SecondFactors#confirmTotp(String, String)} takes a code of it: 10 minutes. */
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
    return "TotpSetup[expiresAt=" + expiresAt + "]";
  }
}
