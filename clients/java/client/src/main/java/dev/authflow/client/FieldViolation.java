package dev.authflow.client;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.Objects;

/** What is wrong with one field of a request. */
public final class FieldViolation implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String message;

  FieldViolation(String field, String message) {
    this.field = field;
    this.message = message;
  }

  /** The field by the name it has on the wire, such as {@code fullname}. */
  @JsonProperty("field")
  public String field() {
    return field;
  }

  /** What is wrong with it, for people. */
  @JsonProperty("message")
  public String message() {
    return message;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FieldViolation
        && field.equals(((FieldViolation) other).field)
        && message.equals(((FieldViolation) other).message);
  }

  @Override
  public int hashCode() {
    return Objects.hash(field, message);
  }

  @Override
  public String toString() {
    return field + ": " + message;
  }
}
