package io.aetherflow.statesync.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One operation on a property_lww document: {@code {"set": {"<property>": <any value>, ...},
 * "delete": ["<property>", ...]}}. Either may be left out, but not both; no property stands in it
 * twice.
 *
 * @param set JSON of the value by property
 */
record PropertyEdit(Map<String, String> set, List<String> delete) {
  /** Bounds what a property costs beside its value. */
  static final int PROPERTY_CHARS_MAX = 256;

  /** Nested deeper, a value would cost stack in us and in every receiver. */
  private static final int DEPTH_MAX = 60;

  /** A state wraps values a little deeper than an operation does. */
  private static final int STATE_DEPTH_MAX = 64;

  /** Long numbers cost quadratic time to parse. */
  private static final int NUMBER_CHARS_MAX = 100;

  private static final JsonFactory JSON = json(DEPTH_MAX);

  static final JsonFactory STATE_JSON = json(STATE_DEPTH_MAX);

  private static JsonFactory json(int depthMax) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(depthMax)
                .maxNumberLength(NUMBER_CHARS_MAX)
                .build())
        .build();
  }

  /** Says what is wrong with an operation. */
  static final class MalformedException extends Exception {
    MalformedException(String sentence) {
      super(sentence, null, false, false);
    }
  }

  static PropertyEdit parse(ByteString data) throws MalformedException {
    Map<String, String> set = new LinkedHashMap<>();
    List<String> delete = new ArrayList<>();
    try (JsonParser in = JSON.createParser(data.newInput())) {
      expect(in.nextToken(), JsonToken.START_OBJECT);
      Set<String> sections = new HashSet<>();
      for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
        in.nextToken();
        if (!sections.add(name)) {
          throw new MalformedException("\"" + name + "\" stands there twice");
        }
        switch (name) {
          case "set" -> readSet(in, set);
          case "delete" -> readDelete(in, delete);
          default -> throw new MalformedException("there is nothing but \"set\" and \"delete\"");
        }
      }
      expect(in.currentToken(), JsonToken.END_OBJECT);
      expect(in.nextToken(), null);
    } catch (IOException e) {
      throw new MalformedException("an operation here is a JSON object: " + e.getMessage());
    }
    PropertyEdit edit = new PropertyEdit(set, delete);
    if (edit.properties().size() != set.size() + delete.size()) {
      throw new MalformedException("a property stands there twice");
    }
    if (edit.properties().isEmpty()) {
      throw new MalformedException("the operation sets and deletes nothing");
    }
    return edit;
  }

  /** As {@link #parse} reads it. */
  ByteString toJson() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart("set");
      for (Map.Entry<String, String> each : set.entrySet()) {
        json.writeFieldName(each.getKey());
        json.writeRawValue(each.getValue());
      }
      json.writeEndObject();
      json.writeArrayFieldStart("delete");
      for (String each : delete) {
        json.writeString(each);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteString.copyFromUtf8(text.toString());
  }

  /** All that it touches. */
  Set<String> properties() {
    Set<String> all = new TreeSet<>(set.keySet());
    all.addAll(delete);
    return all;
  }

  private static void readSet(JsonParser in, Map<String, String> set)
      throws IOException, MalformedException {
    expect(in.currentToken(), JsonToken.START_OBJECT);
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      in.nextToken();
      if (set.put(property(name), value(in)) != null) {
        throw new MalformedException("a property stands there twice");
      }
    }
  }

  private static void readDelete(JsonParser in, List<String> delete)
      throws IOException, MalformedException {
    expect(in.currentToken(), JsonToken.START_ARRAY);
    while (in.nextToken() != JsonToken.END_ARRAY) {
      expect(in.currentToken(), JsonToken.VALUE_STRING);
      delete.add(property(in.getText()));
    }
  }

  /** The value at the parser, as compact JSON. */
  static String value(JsonParser in) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.copyCurrentStructureExact(in);
    }
    return text.toString();
  }

  private static String property(String name) throws MalformedException {
    if (name.isEmpty() || name.length() > PROPERTY_CHARS_MAX) {
      throw new MalformedException("a property has 1 to " + PROPERTY_CHARS_MAX + " characters");
    }
    return name;
  }

  private static void expect(JsonToken found, JsonToken wanted) throws MalformedException {
    if (found != wanted) {
      throw new MalformedException(
          "an operation here is {\"set\": {property: value, ...}, \"delete\": [property, ...]}");
    }
  }
}
