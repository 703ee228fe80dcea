package dev.authflow.stand;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** The servers that the tests run beside. docs/clients.md describes them. */
public final class Stand {
  public static final String PASSWORD = "Analytical-1843";
  public static final String FULL_NAME = "Ada Lovelace";

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Stand() {}

  /** What the stand says under a name. */
  public static String variable(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      throw new AssertionError(
          name + " is not set: these tests need servers. Start them with `npm run with-server -- mvn -q test`.");
    }
    return value;
  }

  /** The gRPC port of the clear-text server. */
  public static String grpc() {
    return variable("AUTHFLOW_TEST_GRPC");
  }

  public static Path certificate(String name) {
    return Path.of(variable("AUTHFLOW_TEST_CERTIFICATES"), name);
  }

  /** Makes something happen, and gives what the stand answers. */
  public static String control(String method, String path) {
    URI uri = URI.create(variable("AUTHFLOW_TEST_CONTROL") + path);
    return send(HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()));
  }

  /** A fresh organization of the clear-text server. */
  public static Organization newOrganization() {
    JsonObject request = new JsonObject();
    request.addProperty("name", "Java " + UUID.randomUUID());
    return new Organization(asAdmin("POST", "/organizations", json(request)));
  }

  /** Changes settings of an organization, as an operator does. */
  public static void change(Organization organization, JsonObject settings) {
    asAdmin("PATCH", "/organizations/" + organization.orgId(), json(settings));
  }

  /** Gives a user these roles and no others, as a backend does. */
  public static void giveRoles(Organization organization, String email, List<String> roles) {
    JsonArray given = new JsonArray();
    roles.forEach(given::add);
    JsonObject change = new JsonObject();
    change.add("roles", given);
    asAdmin("PATCH", user(organization, email), json(change));
  }

  /** Gives a user a password, which may have to be changed, as a backend does. */
  public static void setPassword(Organization organization, String email, String password, boolean mustChange) {
    JsonObject change = new JsonObject();
    change.addProperty("newPassword", password);
    change.addProperty("must_change", mustChange);
    asAdmin("POST", user(organization, email) + "/password", json(change));
  }

  /** Opens what wrong passwords and codes have locked, as a backend does. */
  public static void unlock(Organization organization, String email) {
    asAdmin("POST", user(organization, email) + "/unlock", json(new JsonObject()));
  }

  /** Puts the servers' clock forward. */
  public static void pass(Duration time) {
    control("POST", "/clock?seconds=" + time.toSeconds());
  }

  /** A token as a mail from so long ago would have brought it to a user. */
  public static String mailToken(Organization organization, String kind, String email, String to, Duration age) {
    String asked =
        String.format(
            "/mail-tokens?org_id=%s&kind=%s&email=%s&to=%s&age_seconds=%d",
            organization.orgId(), kind, encoded(email), encoded(to), age.toSeconds());
    return JsonParser.parseString(control("POST", asked)).getAsJsonObject().get("token").getAsString();
  }

  public static String newEmail() {
    return "ada-" + UUID.randomUUID() + "@example.com";
  }

  private static String user(Organization organization, String email) {
    String users = "/organizations/" + organization.orgId() + "/users";
    JsonObject found = asAdmin("GET", users + "?search=" + encoded(email), HttpRequest.BodyPublishers.noBody());
    return users + "/" + found.getAsJsonArray("users").get(0).getAsJsonObject().get("user_id").getAsString();
  }

  private static JsonObject asAdmin(String method, String path, HttpRequest.BodyPublisher body) {
    String reply =
        send(
            HttpRequest.newBuilder(URI.create(variable("AUTHFLOW_TEST_HTTP") + path))
                .header("Authorization", "Bearer " + variable("AUTHFLOW_TEST_ADMIN_TOKEN"))
                .header("Content-Type", "application/json")
                .method(method, body));
    return JsonParser.parseString(reply).getAsJsonObject();
  }

  private static HttpRequest.BodyPublisher json(JsonObject body) {
    return HttpRequest.BodyPublishers.ofString(body.toString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> reply = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (reply.statusCode() >= 300) {
        throw new AssertionError(reply.uri() + ": " + reply.statusCode() + " " + reply.body());
      }
      return reply.body();
    } catch (IOException failure) {
      throw new AssertionError("the stand cannot be reached", failure);
    } catch (InterruptedException interruption) {
      throw new AssertionError("interrupted", interruption);
    }
  }
}
