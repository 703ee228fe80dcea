package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.annotations.SerializedName;
import java.time.Instant;

/** One live session, as its user sees it. Jackson and Gson write it with the field names of the wire. */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonPropertyOrder({"session_id", "created_at", "last_used_at", "expires_at", "client_ip", "user_agent", "current"})
public final class MySession {
  @SerializedName("session_id")
  private final String sessionId;

  @SerializedName("created_at")
  @JsonAdapter(Instants.class)
  private final Instant createdAt;

  @SerializedName("last_used_at")
  @JsonAdapter(Instants.class)
  private final Instant lastUsedAt;

  @SerializedName("expires_at")
  @JsonAdapter(Instants.class)
  private final Instant expiresAt;

  @SerializedName("client_ip")
  private final String clientIp;

  @SerializedName("user_agent")
  private final String userAgent;

  private final boolean current;

  private MySession(dev.authflow.v1.MySession reply) {
    sessionId = reply.getSessionId();
    createdAt = Instants.of(reply.getCreatedAt());
    lastUsedAt = Instants.of(reply.getLastUsedAt());
    expiresAt = Instants.of(reply.getExpiresAt());
    clientIp = reply.getClientIp();
    userAgent = reply.getUserAgent();
    current = reply.getCurrent();
  }

  /** Reads a reply of the generated stubs. */
  public static MySession from(dev.authflow.v1.MySession reply) {
    return new MySession(reply);
  }

  /** The session's id. */
  @JsonProperty("session_id")
  public String sessionId() {
    return sessionId;
  }

  /** When the login was. */
  public Instant createdAt() {
    return createdAt;
  }

  /** Jackson would need a module of its own for an Instant, and write a number. */
  @JsonProperty("created_at")
  String createdAtText() {
    return createdAt.toString();
  }

  /** When it was used last, to within an hour. */
  public Instant lastUsedAt() {
    return lastUsedAt;
  }

  /** Jackson would need a module of its own for an Instant, and write a number. */
  @JsonProperty("last_used_at")
  String lastUsedAtText() {
    return lastUsedAt.toString();
  }

  /** When it ends unless it is renewed. */
  public Instant expiresAt() {
    return expiresAt;
  }

  /** Jackson would need a module of its own for an Instant, and write a number. */
  @JsonProperty("expires_at")
  String expiresAtText() {
    return expiresAt.toString();
  }

  /** From where it was used last, as your backend told; empty where it did not. */
  @JsonProperty("client_ip")
  public String clientIp() {
    return clientIp;
  }

  /** With what program it was used last, as your backend told; empty where it did not. */
  @JsonProperty("user_agent")
  public String userAgent() {
    return userAgent;
  }

  /** Whether it is the session that asks. */
  @JsonProperty("current")
  public boolean current() {
    return current;
  }

  @Override
  public String toString() {
    return "MySession[sessionId=" + sessionId + ", createdAt=" + createdAt + ", current=" + current + "]";
  }
}
