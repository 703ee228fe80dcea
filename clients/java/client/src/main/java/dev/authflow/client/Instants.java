package dev.authflow.client;

import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import com.google.protobuf.Timestamp;
import java.io.IOException;
import java.time.Instant;

/** Protobuf's instants as Java's, and Java's as RFC 3339 by Gson. */
final class Instants extends TypeAdapter<Instant> {
  static Instant of(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }

  @Override
  public void write(JsonWriter json, Instant instant) throws IOException {
    json.value(instant.toString());
  }

  @Override
  public Instant read(JsonReader json) throws IOException {
    return Instant.parse(json.nextString());
  }
}
