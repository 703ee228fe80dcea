package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.gson.annotations.SerializedName;
import dev.authflow.v1.VerifyEmailResponse;

/** Whose address is proven. Jackson and Gson write it with the field names of the wire. */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonPropertyOrder({"email", "user_id", "org_id"})
public final class VerifiedEmail {
  private final String email;

  @SerializedName("user_id")
  private final String userId;

  @SerializedName("org_id")
  private final String orgId;

  private VerifiedEmail(VerifyEmailResponse reply) {
    email = reply.getEmail();
    userId = reply.getUserId();
    orgId = reply.getOrgId();
  }

  /** Reads a reply of the generated stubs. */
  public static VerifiedEmail from(VerifyEmailResponse reply) {
    return new VerifiedEmail(reply);
  }

  /** The e-mail as the server keeps it: trimmed and normalized. */
  @JsonProperty("email")
  public String email() {
    return email;
  }

  /** Key your own records by it. */
  @JsonProperty("user_id")
  public String userId() {
    return userId;
  }

  /** The organization that the user belongs to. */
  @JsonProperty("org_id")
  public String orgId() {
    return orgId;
  }

  @Override
  public String toString() {
    return "VerifiedEmail[email=" + email + ", userId=" + userId + ", orgId=" + orgId + "]";
  }
}
