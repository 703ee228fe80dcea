package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.annotations.SerializedName;
import dev.authflow.v1.ValidateResponse;
import java.io.Serializable;
import java.security.Principal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The user of a live session, as stored and not as claimed. Jackson and Gson write it with the field names of the wire. */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonPropertyOrder({"user_id", "email", "fullname", "org_id", "session_id", "expires_at", "email_verified", "roles"})
public final class SessionUser implements Principal, Serializable {
  private static final long serialVersionUID = 2L;

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

  private SessionUser(ValidateResponse reply) {
    userId = reply.getUserId();
    email = reply.getEmail();
    fullName = reply.getFullname();
    orgId = reply.getOrgId();
    sessionId = reply.getSessionId();
    expiresAt = Instants.of(reply.getExpiresAt());
    emailVerified = reply.getEmailVerified();
    roles = new ArrayList<>(reply.getRolesList());
  }

  /** Reads a reply of the generated stubs. */
  public static SessionUser from(ValidateResponse reply) {
    return new SessionUser(reply);
  }

  /** The user's id: what Java's and Spring's own APIs tell users apart by. */
  @Override
  public String getName() {
    return userId;
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

  @Override
  public String toString() {
    return "SessionUser[userId=" + userId + ", email=" + email + ", orgId=" + orgId + ", sessionId=" + sessionId + "]";
  }
}
