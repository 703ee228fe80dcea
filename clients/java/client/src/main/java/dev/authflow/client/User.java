package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.gson.annotations.SerializedName;
import dev.authflow.v1.SignUpResponse;

/** A user that was signed up. Jackson and Gson write it with the field names of the wire. */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonPropertyOrder({"user_id", "email", "fullname", "org_id"})
public final class User {
  @SerializedName("user_id")
  private final String userId;

  private final String email;

  @SerializedName("fullname")
  private final String fullName;

  @SerializedName("org_id")
  private final String orgId;

  private User(SignUpResponse reply) {
    userId = reply.getUserId();
    email = reply.getEmail();
    fullName = reply.getFullname();
    orgId = reply.getOrgId();
  }

  /** Reads a reply of the generated stubs. */
  public static User from(SignUpResponse reply) {
    return new User(reply);
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

  @Override
  public String toString() {
    return "User[userId=" + userId + ", email=" + email + ", orgId=" + orgId + "]";
  }
}
