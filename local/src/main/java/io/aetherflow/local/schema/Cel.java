package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Evaluates {@code x-kubernetes-validations} expressions; programs are compiled once. */
final class Cel {
  private static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");
  private static final dev.cel.bundle.Cel ENVIRONMENT = environment();
  private static final Map<String, CelRuntime.Program> PROGRAMS = new ConcurrentHashMap<>();

  private Cel() {}

  /**
   * The expression's value.
   *
   * @throws IllegalArgumentException when it does not compile or fails; the message says why
   */
  static Object evaluate(String expression, Map<String, Object> variables) {
    try {
      return PROGRAMS.computeIfAbsent(expression, Cel::compile).eval(variables);
    } catch (CelEvaluationException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static CelRuntime.Program compile(String expression) {
    try {
      return ENVIRONMENT.createProgram(ENVIRONMENT.compile(expression).getAst());
    } catch (CelValidationException | CelEvaluationException e) {
      throw new IllegalArgumentException("rule does not compile: " + e.getMessage(), e);
    }
  }

  /** JSON as CEL values: integers are 64 bits wide. */
  static Object value(JsonNode node) {
    if (node.isObject() || node.isArray()) {
      return widen(Json.MAPPER.convertValue(node, Object.class));
    }
    if (node.isIntegralNumber()) {
      return node.asLong();
    }
    if (node.isNumber()) {
      return node.asDouble();
    }
    return node.isBoolean() ? (Object) node.asBoolean() : node.asText();
  }

  private static Object widen(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<Object, Object> wide = new java.util.LinkedHashMap<>();
        map.forEach((key, entry) -> {
          if (entry != null) {
            wide.put(key, widen(entry));
          }
        });
        yield wide;
      }
      case java.util.List<?> list -> list.stream().map(Cel::widen).toList();
      case Integer number -> number.longValue();
      default -> value;
    };
  }

  private static dev.cel.bundle.Cel environment() {
    return CelFactory.standardCelBuilder()
        .setOptions(CelOptions.current().enableHeterogeneousNumericComparisons(true).build())
        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
        .addCompilerLibraries(CelExtensions.strings())
        .addRuntimeLibraries(CelExtensions.strings())
        .addVar("self", SimpleType.DYN)
        .addVar("oldSelf", SimpleType.DYN)
        .addFunctionDeclarations(
            global("quantity", "string_to_quantity", QUANTITY),
            global("isQuantity", "is_quantity_string", SimpleType.BOOL),
            member("compareTo", "quantity_compare_to", SimpleType.INT),
            member("isGreaterThan", "quantity_is_greater_than", SimpleType.BOOL),
            member("isLessThan", "quantity_is_less_than", SimpleType.BOOL))
        .addFunctionBindings(
            CelFunctionBinding.from("string_to_quantity", String.class, Cel::quantity),
            CelFunctionBinding.from("is_quantity_string", String.class, Cel::isQuantity),
            CelFunctionBinding.from(
                "quantity_compare_to",
                BigDecimal.class,
                BigDecimal.class,
                (a, b) -> (long) a.compareTo(b)),
            CelFunctionBinding.from(
                "quantity_is_greater_than",
                BigDecimal.class,
                BigDecimal.class,
                (a, b) -> a.compareTo(b) > 0),
            CelFunctionBinding.from(
                "quantity_is_less_than",
                BigDecimal.class,
                BigDecimal.class,
                (a, b) -> a.compareTo(b) < 0))
        .build();
  }

  private static CelFunctionDecl global(String name, String id, CelType result) {
    return CelFunctionDecl.newFunctionDeclaration(
        name, CelOverloadDecl.newGlobalOverload(id, result, ImmutableList.of(SimpleType.STRING)));
  }

  private static CelFunctionDecl member(String name, String id, CelType result) {
    return CelFunctionDecl.newFunctionDeclaration(
        name, CelOverloadDecl.newMemberOverload(id, result, ImmutableList.of(QUANTITY, QUANTITY)));
  }

  private static Object quantity(String text) {
    return Quantity.getAmountInBytes(new Quantity(text));
  }

  private static boolean isQuantity(String text) {
    try {
      Quantity.getAmountInBytes(new Quantity(text));
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }
}
