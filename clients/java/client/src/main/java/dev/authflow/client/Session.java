package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.annotations.SerializedName;
import com.google.protobuf.Timestamp;
import dev.authflow.v1.ConfirmTotpResponse;
import dev.authflow.v1.LoginResponse;
import dev.authflow.v1.RenewSessionResponse;
import dev.authflow.v1.VerifyEmailCodeResponse;
import dev.authflow.v1.VerifyRecoveryCodeResponse;
import dev.authflow.v1.VerifyTotpResponse;
import java.time.Instant;

/**
 * A session that was opened, and whose it is. Jackson and Gson write it with the field names of the wire and without the
 * token, which is yours to hand out.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonPropertyOrder({"user_id", "email", "fullname", "org_id", "expires_at"})
public final class Session {
  private final transient String token;

  @SerializedName("user_id")
  private final String userId;

  private final String email;

  @SerializedName("fullname")
  private final String fullName;

  @SerializedName("org_id")
  private final String orgId;

  @SerializedName("expires_at")
  @JsonAdapter(Instants.class)
  private final Instant expiresAt;

  private Session(String token, String userId, String email, String fullName, String orgId, Timestamp expiresAt) {
    this.token = token;
    this.userId = userId;
    this.email = email;
    this.fullName = fullName;
    this.orgId = orgId;
    this.expiresAt = Instants.of(expiresAt);
  }

  /** Reads a reply of the generated stubs. */
  public static Session from(LoginResponse reply) {
    return new Session(
        reply.getToken(),
        reply.getUserId(),
        reply.getEmail(),
        reply.getFullname(),
        reply.getOrgId(),
        reply.getExpiresAt());
  }

  /** Reads a reply of the generated stubs. */
  public static Session from(RenewSessionResponse reply) {
    return new Session(
        reply.getToken(),
        reply.getUserId(),
        reply.getEmail(),
        reply.getFullname(),
        reply.getOrgId(),
        reply.getExpiresAt());
  }

  /** Reads a reply of the generated stubs. */
  static Session from(ConfirmTotpResponse reply) {
    return new Session(
        reply.getToken(),
        reply.getUserId(),
        reply.getEmail(),
        reply.getFullname(),
        reply.getOrgId(),
        reply.getExpiresAt());
  }

  /** Reads a reply of the generated stubs. */
  static Session from(VerifyTotpResponse reply) {
    return new Session(
        reply.getToken(),
        reply.getUserId(),
        reply.getEmail(),
        reply.getFullname(),
        reply.getOrgId(),
        reply.getExpiresAt());
  }

  /** Reads a reply of the generated stubs. */
  static Session from(VerifyEmailCodeResponse reply) {
    return new Session(
        reply.getToken(),
        reply.getUserId(),
        reply.getEmail(),
        reply.getFullname(),
        reply.getOrgId(),
        reply.getExpiresAt());
  }

  /** Reads a reply of the generated stubs. */
  static Session from(VerifyRecoveryCodeResponse reply) {
    return new Session(
        reply.getToken(),
        reply.getUserId(),
        reply.getEmail(),
        reply.getFullname(),
        reply.getOrgId(),
        reply.getExpiresAt());
  }

  /** The session token, a JWT. By default whoever reads it can read the organization's API key in it. */
  public String token() {
    return token;
  }

  /** Key your own records by it. */
  @JsonProperty("user_id")
  public String userId() {
    return userId;
  }

  /** The e-mail as the server keeps it: trimmed and normalized. */
  @JsonProperty("email")
  public String email() {
    return email;
  }

  /** The name as people write it. */
  @JsonProperty("fullname")
  public String fullName() {
    return fullName;
  }

  /** The organization that the user belongs to. */
  @JsonProperty("org_id")
  public String orgId() {
    return orgId;
  }

  /** When the session ends by itself. */
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
    return "Session[userId=" + userId + ", email=" + email + ", orgId=" + orgId + ", expiresAt=" + expiresAt + "]";
  }
}
