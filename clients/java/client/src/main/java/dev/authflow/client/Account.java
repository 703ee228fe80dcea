package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.annotations.SerializedName;
import dev.authflow.v1.MeResponse;
import dev.authflow.v1.UpdateProfileResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The user of a live session with all that is told of it, as stored. Jackson and Gson write it with the field names of the
 * wire.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonPropertyOrder({
  "user_id",
  "email",
  "fullname",
  "org_id",
  "session_id",
  "expires_at",
  "email_verified",
  "roles",
  "second_factor",
  "recovery_codes_left",
  "public_metadata",
  "created_at"
})
public final class Account {
  @SerializedName("user_id")
  private final String userId;

  private final String email;

  @SerializedName("fullname")
  private final String fullName;

  @SerializedName("org_id")
  private final String orgId;

  @SerializedName("session_id")
  private final String sessionId;

  @SerializedName("expires_at")
  @JsonAdapter(Instants.class)
  private final Instant expiresAt;

  @SerializedName("email_verified")
  private final boolean emailVerified;

  private final ArrayList<String> roles;

  @SerializedName("second_factor")
  private final boolean secondFactor;

  @SerializedName("recovery_codes_left")
  private final int recoveryCodesLeft;

  @SerializedName("public_metadata")
  private final String publicMetadata;

  @SerializedName("created_at")
  @JsonAdapter(Instants.class)
  private final Instant createdAt;

  private Account(MeResponse reply) {
    userId = reply.getUserId();
    email = reply.getEmail();
    fullName = reply.getFullname();
    orgId = reply.getOrgId();
    sessionId = reply.getSessionId();
    expiresAt = Instants.of(reply.getExpiresAt());
    emailVerified = reply.getEmailVerified();
    roles = new ArrayList<>(reply.getRolesList());
    secondFactor = reply.getSecondFactor();
    recoveryCodesLeft = reply.getRecoveryCodesLeft();
    publicMetadata = reply.getPublicMetadata();
    createdAt = Instants.of(reply.getCreatedAt());
  }

  private Account(UpdateProfileResponse reply) {
    userId = reply.getUserId();
    email = reply.getEmail();
    fullName = reply.getFullname();
    orgId = reply.getOrgId();
    sessionId = reply.getSessionId();
    expiresAt = Instants.of(reply.getExpiresAt());
    emailVerified = reply.getEmailVerified();
    roles = new ArrayList<>(reply.getRolesList());
    secondFactor = reply.getSecondFactor();
    recoveryCodesLeft = reply.getRecoveryCodesLeft();
    publicMetadata = reply.getPublicMetadata();
    createdAt = Instants.of(reply.getCreatedAt());
  }

  /** Reads a reply of the generated stubs. */
  public static Account from(MeResponse reply) {
    return new Account(reply);
  }

  /** Reads a reply of the generated stubs. */
  public static Account from(UpdateProfileResponse reply) {
    return new Account(reply);
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

  /** The organization that the session belongs to. */
  @JsonProperty("org_id")
  public String orgId() {
    return orgId;
  }

  /** The session's id, which is no secret: the claim {@code sid} of its token. */
  @JsonProperty("session_id")
  public String sessionId() {
    return sessionId;
  }

  /** When the session token stops being accepted. */
  public Instant expiresAt() {
    return expiresAt;
  }

  /** Jackson would need a module of its own for an Instant, and write a number. */
  @JsonProperty("expires_at")
  String expiresAtText() {
    return expiresAt.toString();
  }

  /** Whether the user has proven to read mail at the e-mail. */
  @JsonProperty("email_verified")
  public boolean emailVerified() {
    return emailVerified;
  }

  /** The roles in the order in which they were given. The list cannot be changed. */
  @JsonProperty("roles")
  public List<String> roles() {
    return Collections.unmodifiableList(roles);
  }

  /** Whether the user has at least one of these roles. */
  public boolean hasRole(String... anyOf) {
    return !Collections.disjoint(roles, List.of(anyOf));
  }

  /** Whether a login of the user needs a second factor. */
  @JsonProperty("second_factor")
  public boolean secondFactor() {
    return secondFactor;
  }

  /** How many recovery codes of the second factor are left. */
  @JsonProperty("recovery_codes_left")
  public int recoveryCodesLeft() {
    return recoveryCodesLeft;
  }

  /** The text of a JSON object that your backend keeps with the user; empty where there is none. */
  @JsonProperty("public_metadata")
  public String publicMetadata() {
    return publicMetadata;
  }

  /** When the user signed up. */
  public Instant createdAt() {
    return createdAt;
  }

  /** Jackson would need a module of its own for an Instant, and write a number. */
  @JsonProperty("created_at")
  String createdAtText() {
    return createdAt.toString();
  }

  @Override
  public String toString() {
    return "Account[userId=" + userId + ", email=" + email + ", orgId=" + orgId + ", sessionId=" + sessionId + "]";
  }
}
