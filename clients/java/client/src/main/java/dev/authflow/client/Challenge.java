package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.annotations.SerializedName;
import com.google.rpc.ErrorInfo;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What goes on from a login whose password was right: what it still needs, and the token of the next step, which is a
 * secret. Keep that on your backend, or in a cookie that is {@code HttpOnly}. Printed, or written by Jackson and Gson, it is
 * without the token.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonPropertyOrder({"reason", "methods", "expires_at"})
public final class Challenge {
  /** A code of the user's authenticator app: {@link SecondFactors#verifyTotp}. */
  public static final String TOTP = "totp";

  /** The code of a mail: {@link SecondFactors#sendEmailCode}, then {@link SecondFactors#verifyEmailCode}. */
  public static final String EMAIL = "email";

  /** A recovery code: {@link SecondFactors#verifyRecoveryCode}. */
  public static final String RECOVERY = "recovery";

  /**
   * The organization demands a second factor of a user who has none: {@link SecondFactors#enableTotpByChallenge}. Where
   * {@link #EMAIL} stands beside it that comes first, and brings another challenge.
   */
  public static final String SETUP = "setup";

  /** The password must be changed: {@link Accounts#resetPassword(String, String, String)}. */
  public static final String CHANGE_PASSWORD = "change_password";

  private static final Set<String> BRING_ONE = Set.of(Reason.SECOND_FACTOR_REQUIRED, Reason.PASSWORD_CHANGE_REQUIRED);

  private final String reason;
  private final transient String token;
  private final List<String> methods;

  @SerializedName("expires_at")
  @JsonAdapter(Instants.class)
  private final Instant expiresAt;

  private Challenge(String reason, String token, List<String> methods, Instant expiresAt) {
    this.reason = reason;
    this.token = token;
    this.methods = methods;
    this.expiresAt = expiresAt;
  }

  /** The challenge of an error; empty where it brings none, or one that is not whole. */
  static Optional<Challenge> in(ErrorInfo info) {
    String token = info.getMetadataOrDefault("challenge", "");
    List<String> methods =
        Stream.of(info.getMetadataOrDefault("methods", "").split(","))
            .map(String::trim)
            .filter(method -> !method.isEmpty())
            .collect(Collectors.toUnmodifiableList());
    if (!BRING_ONE.contains(info.getReason()) || token.isEmpty() || methods.isEmpty()) {
      return Optional.empty();
    }
    try {
      Instant expiresAt = OffsetDateTime.parse(info.getMetadataOrDefault("expires_at", "")).toInstant();
      return Optional.of(new Challenge(info.getReason(), token, methods, expiresAt));
    } catch (DateTimeException malformed) {
      return Optional.empty();
    }
  }

  /** {@link Reason#SECOND_FACTOR_REQUIRED} or {@link Reason#PASSWORD_CHANGE_REQUIRED}. */
  @JsonProperty("reason")
  public String reason() {
    return reason;
  }

  /** What the calls of the next step take: opaque, and a secret. */
  public String token() {
    return token;
  }

  /**
   * What may answer it: {@link #TOTP} and its like, or what a later server has besides. In the server's order, and a list
   * that cannot be changed.
   */
  @JsonProperty("methods")
  public List<String> methods() {
    return methods;
  }

  /** Whether this method may answer it. */
  public boolean takes(String method) {
    return methods.contains(method);
  }

  /** When it stops being accepted: 10 minutes after the login. */
  public Instant expiresAt() {
    return expiresAt;
  }

  /** Jackson would need a module of its own for an Instant, and write a number. */
  @JsonProperty("expires_at")
  String expiresAtText() {
    return expiresAt.toString();
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Challenge[reason=" + reason + ", methods=" + methods + ", expiresAt=" + expiresAt + "]";
  }
}
