package dev.authflow.client;

import dev.authflow.v1.ValidateResponse;
import java.time.Instant;

/** The user of a live session, as stored and not as claimed. */
public final class SessionUser {
  private final String userId;
  private final String email;
  private final String fullName;
  private final String orgId;
  private final String sessionId;
  private final Instant expiresAt;

  SessionUser(ValidateResponse reply) {
    userId = reply.getUserId();
    email = reply.getEmail();
    fullName = reply.getFullname();
    orgId = reply.getOrgId();
    sessionId = reply.getSessionId();
    expiresAt = Instants.of(reply.getExpiresAt());
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

  /** The organization that the session belongs to. */
  public String orgId() {
    return orgId;
  }

  /** The session's id, which is no secret: the claim {@code sid} of its token. */
  public String sessionId() {
    return sessionId;
  }

  /** When the session ends by itself. */
  public Instant expiresAt() {
    return expiresAt;
  }

  @Override
  public String toString() {
    return "SessionUser[userId=" + userId + ", email=" + email + ", orgId=" + orgId + ", sessionId=" + sessionId + "]";
  }
}
