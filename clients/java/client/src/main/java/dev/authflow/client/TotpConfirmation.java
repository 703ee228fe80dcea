package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.authflow.v1.ConfirmTotpResponse;
import java.util.List;
import java.util.Optional;

/**
 * A second factor that is on from now: its recovery codes, which are the user's alone to see and never shown again, and,
 * where a challenge asked, the session. Printed, or written by Jackson and Gson, it is without codes and token.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
@JsonInclude(JsonInclude.Include.NON_NULL)
public final class TotpConfirmation {
  private final transient List<String> recoveryCodes;

  @JsonProperty("session")
  private final Session session;

  private TotpConfirmation(ConfirmTotpResponse reply) {
    recoveryCodes = List.copyOf(reply.getRecoveryCodesList());
    session = reply.getToken().isEmpty() ? null : Session.from(reply);
  }

  /** Reads a reply of the generated stubs. */
  public static TotpConfirmation from(ConfirmTotpResponse reply) {
    return new TotpConfirmation(reply);
  }

  /** Ten codes, each good once, in groups of four letters and digits. The list cannot be changed. */
  public List<String> recoveryCodes() {
    return recoveryCodes;
  }

  /**
   * The session that a challenge has opened. Empty where a session asked, and where the password must be changed first: then
   * log in again.
   */
  public Optional<Session> session() {
    return Optional.ofNullable(session);
  }

  @Override
  public String toString() {
    return "TotpConfirmation[" + recoveryCodes.size() + " recovery codes, session=" + session + "]";
  }
}
