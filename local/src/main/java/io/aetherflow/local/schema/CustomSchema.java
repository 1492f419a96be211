package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** A CRD version's structural schema: shape, defaults and validation of its objects. */
public record CustomSchema(JsonNode schema) {

  public Shape shape() {
    return new SchemaShape(schema, true);
  }

  /** Fills in defaults in place. */
  public void applyDefaults(ObjectNode object) {
    Defaulting.apply(object, schema);
  }

  /** What is wrong with the object; {@code old} is a missing node on creation. */
  public List<Problem> validate(ObjectNode object, JsonNode old) {
    List<Problem> problems = new ArrayList<>();
    new Validation(problems).check(object, schema, "");
    if (problems.isEmpty()) {
      new Rules(problems).check(object, old, schema, "");
    }
    return problems;
  }
}
