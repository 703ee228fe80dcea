package dev.authflow.client;

import dev.authflow.v1.SignUpResponse;

/** A user that was signed up. */
public final class User {
  private final String userId;
  private final String email;
  private final String fullName;
  private final String orgId;

  User(SignUpResponse reply) {
    userId = reply.getUserId();
    email = reply.getEmail();
    fullName = reply.getFullname();
    orgId = reply.getOrgId();
  }

  /** Key your own records by it. */
  public String userId() {
    return userId;
  }

  /** The e-mail as the server keeps it: trimmed and normalized. */
  public String email() {
    return email;
  }

  /** The name as people write it. */
  public String fullName() {
    return fullName;
  }

  /** The organization that the user belongs to. */
  public String orgId() {
    return orgId;
  }

  @Override
  public String toString() {
    return "User[userId=" + userId + ", email=" + email + ", orgId=" + orgId + "]";
  }
}
