package dev.authflow.stand;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The cases that the clients of all languages share, and the stand's answers about them. */
public final class SharedCases {
  private SharedCases() {}

  /** What every client does. */
  public static JsonObject clientBehaviour() throws IOException {
    return read("client-behaviour.json");
  }

  /** What a fake does as a server does. */
  public static JsonObject fakeBehaviour() throws IOException {
    return read("fake-behaviour.json");
  }

  /** What a fake does about accounts. */
  public static JsonObject fakeAccountBehaviour() throws IOException {
    return read("fake-account-behaviour.json");
  }

  /** Starts the server of a case of the clients' behaviour, and gives its address. */
  public static String start(int index) {
    return text(parse(Stand.control("POST", "/cases/" + index)), "grpc");
  }

  /** Starts the server of a case by its name, and gives its address. */
  public static String start(String name) throws IOException {
    List<JsonObject> cases = list(clientBehaviour(), "cases");
    for (int index = 0; index < cases.size(); index += 1) {
      if (text(cases.get(index), "name").equals(name)) {
        return start(index);
      }
    }
    throw new AssertionError("there is no case \"" + name + "\"");
  }

  /** What the server of a case found wrong. */
  public static JsonArray faults(int index) {
    return parse(Stand.control("GET", "/cases/" + index)).getAsJsonArray("faults");
  }

  public static JsonObject parse(String json) {
    return JsonParser.parseString(json).getAsJsonObject();
  }

  /** Empty where there is none. */
  public static List<JsonObject> list(JsonObject parent, String name) {
    List<JsonObject> members = new ArrayList<>();
    if (parent.has(name)) {
      parent.getAsJsonArray(name).forEach(member -> members.add(member.getAsJsonObject()));
    }
    return members;
  }

  /** Empty where there is none. */
  public static String text(JsonObject parent, String name) {
    JsonElement value = parent.get(name);
    return value == null ? "" : value.getAsString();
  }

  public static boolean isTrue(JsonObject parent, String name) {
    return parent.has(name) && parent.get(name).getAsBoolean();
  }

  private static JsonObject read(String file) throws IOException {
    return parse(Files.readString(Path.of(Stand.variable("AUTHFLOW_TEST_VECTORS"), file)));
  }
}
