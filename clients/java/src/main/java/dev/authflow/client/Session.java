package dev.authflow.client;

import dev.authflow.v1.LoginResponse;
import java.time.Instant;

/** A session that was opened, and whose it is. */
public final class Session {
  private final String token;
  private final Instant expiresAt;
  private final String userId;
  private final String email;
  private final String fullName;
  private final String orgId;

  Session(LoginResponse reply) {
    token = reply.getToken();
    expiresAt = Instants.of(reply.getExpiresAt());
    userId = reply.getUserId();
    email = reply.getEmail();
    fullName = reply.getFullname();
    orgId = reply.getOrgId();
  }

  /** The session token, a JWT. By default whoever reads it can read the organization's API key in it. */
  public String token() {
    return token;
  }

  /** When the session ends by itself. */
  public Instant expiresAt() {
    return expiresAt;
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

  /** Without the token. */
  @Override
  public String toString() {
    return "Session[userId=" + userId + ", email=" + email + ", orgId=" + orgId + ", expiresAt=" + expiresAt + "]";
  }
}
