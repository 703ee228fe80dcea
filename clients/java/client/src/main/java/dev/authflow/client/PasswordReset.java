package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.gson.annotations.SerializedName;
import dev.authflow.v1.ResetPasswordResponse;

/** What a reset of the password did. Jackson and Gson write it with the field names of the wire. */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonPropertyOrder({"email", "org_id", "ended_sessions"})
public final class PasswordReset {
  private final String email;

  @SerializedName("org_id")
  private final String orgId;

  @SerializedName("ended_sessions")
  private final int endedSessions;

  private PasswordReset(ResetPasswordResponse reply) {
    email = reply.getEmail();
    orgId = reply.getOrgId();
    endedSessions = reply.getEndedSessions();
  }

  /** Reads a reply of the generated stubs. */
  public static PasswordReset from(ResetPasswordResponse reply) {
    return new PasswordReset(reply);
  }

  /** The e-mail as the server keeps it: trimmed and normalized. */
  @JsonProperty("email")
  public String email() {
    return email;
  }

  /** The organization that the user belongs to. */
  @JsonProperty("org_id")
  public String orgId() {
    return orgId;
  }

  /** How many live sessions were ended. */
  @JsonProperty("ended_sessions")
  public int endedSessions() {
    return endedSessions;
  }

  @Override
  public String toString() {
    return "PasswordReset[email=" + email + ", orgId=" + orgId + ", endedSessions=" + endedSessions + "]";
  }
}
