package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.gson.annotations.SerializedName;
import dev.authflow.v1.VerifyEmailCodeResponse;
import dev.authflow.v1.VerifyRecoveryCodeResponse;
import dev.authflow.v1.VerifyTotpResponse;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Where a login stands: at a {@link Session}, or at a {@link Challenge} that something must answer first. It is always one
 * of the two; {@link #match} makes sure that none is forgotten. Jackson and Gson write what is there, without tokens.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"session", "challenge", "recovery_codes_left"})
public final class LoginStep {
  @JsonProperty("session")
  private final Session session;

  @JsonProperty("challenge")
  private final Challenge challenge;

  @JsonProperty("recovery_codes_left")
  @SerializedName("recovery_codes_left")
  private final Integer recoveryCodesLeft;

  private LoginStep(Session session, Challenge challenge, Integer recoveryCodesLeft) {
    this.session = session;
    this.challenge = challenge;
    this.recoveryCodesLeft = recoveryCodesLeft;
  }

  /** A login that is over. */
  public static LoginStep of(Session session) {
    return new LoginStep(Objects.requireNonNull(session), null, null);
  }

  /** A login that goes on. */
  public static LoginStep of(Challenge challenge) {
    return new LoginStep(null, Objects.requireNonNull(challenge), null);
  }

  /** Reads a reply of the generated stubs. */
  public static LoginStep from(VerifyTotpResponse reply) {
    return of(Session.from(reply));
  }

  /** Reads a reply of the generated stubs. */
  public static LoginStep from(VerifyEmailCodeResponse reply) {
    return of(Session.from(reply));
  }

  /** Reads a reply of the generated stubs. */
  public static LoginStep from(VerifyRecoveryCodeResponse reply) {
    return new LoginStep(Session.from(reply), null, reply.getRecoveryCodesLeft());
  }

  /** The session; empty where there is a challenge. */
  public Optional<Session> session() {
    return Optional.ofNullable(session);
  }

  /** The challenge; empty where there is a session. */
  public Optional<Challenge> challenge() {
    return Optional.ofNullable(challenge);
  }

  /** What becomes of the session, or of the challenge. */
  public <T> T match(Function<? super Session, ? extends T> ofSession, Function<? super Challenge, ? extends T> ofChallenge) {
    return session == null ? ofChallenge.apply(challenge) : ofSession.apply(session);
  }

  /** How many recovery codes are left, where one has opened the session; else empty. */
  public OptionalInt recoveryCodesLeft() {
    return recoveryCodesLeft == null ? OptionalInt.empty() : OptionalInt.of(recoveryCodesLeft);
  }

  /** Without tokens. */
  @Override
  public String toString() {
    return "LoginStep[" + (session == null ? challenge : session) + "]";
  }
}
