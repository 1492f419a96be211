package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.Map;

/** Matching of labels. */
final class LabelSelectors {
  private LabelSelectors() {}

  static boolean matches(LabelSelector selector, Map<String, String> labels) {
    Map<String, String> present = labels == null ? Map.of() : labels;
    if (selector == null) {
      return false;
    }
    boolean equal =
        selector.getMatchLabels() == null || contains(present, selector.getMatchLabels());
    return equal && selector.getMatchExpressions().stream().allMatch(r -> matches(r, present));
  }

  static boolean contains(Map<String, String> labels, Map<String, String> wanted) {
    return labels != null && labels.entrySet().containsAll(wanted.entrySet());
  }

  private static boolean matches(LabelSelectorRequirement requirement, Map<String, String> labels) {
    String value = labels.get(requirement.getKey());
    return switch (requirement.getOperator()) {
      case "In" -> value != null && requirement.getValues().contains(value);
      case "NotIn" -> value == null || !requirement.getValues().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      default -> false;
    };
  }
}
