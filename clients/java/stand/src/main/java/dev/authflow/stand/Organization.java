package dev.authflow.stand;

import com.google.gson.JsonObject;

/** An organization that was made for a test. */
public final class Organization {
  private final JsonObject reply;

  Organization(JsonObject reply) {
    this.reply = reply;
  }

  public String orgId() {
    return reply.get("org_id").getAsString();
  }

  public String name() {
    return reply.get("name").getAsString();
  }

  public String apiKey() {
    return reply.get("api_key").getAsString();
  }
}
