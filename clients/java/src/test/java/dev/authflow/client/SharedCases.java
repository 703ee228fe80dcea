package dev.authflow.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The cases that the clients of all languages share, and the stand's answers about them. */
final class SharedCases {
  private SharedCases() {}

  static Struct read() throws IOException {
    return parse(Files.readString(Path.of(Stand.variable("AUTHFLOW_TEST_VECTORS"), "client-behaviour.json")));
  }

  /** Starts the server of a case, and gives its address. */
  static String start(int index) {
    return text(parse(Stand.control("POST", "/cases/" + index)), "grpc");
  }

  /** Starts the server of a case by its name, and gives its address. */
  static String start(String name) throws IOException {
    List<Value> cases = list(read(), "cases");
    for (int index = 0; index < cases.size(); index += 1) {
      if (text(cases.get(index).getStructValue(), "name").equals(name)) {
        return start(index);
      }
    }
    throw new AssertionError("there is no case \"" + name + "\"");
  }

  /** What the server of a case found wrong. */
  static List<Value> faults(int index) {
    return list(parse(Stand.control("GET", "/cases/" + index)), "faults");
  }

  static Struct parse(String json) {
    Struct.Builder parsed = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, parsed);
    } catch (InvalidProtocolBufferException malformed) {
      throw new AssertionError(json, malformed);
    }
    return parsed.build();
  }

  static Struct object(Struct parent, String name) {
    return parent.getFieldsOrThrow(name).getStructValue();
  }

  /** Empty where there is none. */
  static List<Value> list(Struct parent, String name) {
    return parent.getFieldsOrDefault(name, Value.getDefaultInstance()).getListValue().getValuesList();
  }

  /** Empty where there is none. */
  static String text(Struct parent, String name) {
    return parent.getFieldsOrDefault(name, Value.getDefaultInstance()).getStringValue();
  }

  static long number(Struct parent, String name) {
    return (long) parent.getFieldsOrThrow(name).getNumberValue();
  }

  static boolean isTrue(Struct parent, String name) {
    return parent.getFieldsOrDefault(name, Value.getDefaultInstance()).getBoolValue();
  }
}
