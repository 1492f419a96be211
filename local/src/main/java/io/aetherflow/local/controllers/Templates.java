package io.aetherflow.local.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.local.schema.Json;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Pods from templates, and short hashes of templates. */
final class Templates {
  static final String POD_HASH = "pod-template-hash";

  /** Without vowels and without digits like them, so that no hash is a word. */
  private static final String HASH_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  private static final int FNV_OFFSET = 0x811c9dc5;
  private static final int FNV_PRIME = 0x01000193;

  private Templates() {}

  /** A hash that does not depend on the order of labels; {@code salt} resolves collisions. */
  static String hash(Object template, Integer salt) {
    StringBuilder text = new StringBuilder();
    canonical(Json.tree(template), text);
    text.append(salt == null ? 0 : salt);
    return hash(text.toString());
  }

  static String hash(String text) {
    int hash = FNV_OFFSET;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    StringBuilder encoded = new StringBuilder();
    for (char digit : Integer.toUnsignedString(hash).toCharArray()) {
      encoded.append(HASH_ALPHABET.charAt(digit % HASH_ALPHABET.length()));
    }
    return encoded.toString();
  }

  private static void canonical(JsonNode node, StringBuilder text) {
    if (node.isObject()) {
      TreeMap<String, JsonNode> sorted = new TreeMap<>();
      node.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
      text.append('{');
      sorted.forEach((name, value) -> {
        text.append(name).append(':');
        canonical(value, text);
        text.append(',');
      });
      text.append('}');
    } else if (node.isArray()) {
      text.append('[');
      node.forEach(item -> {
        canonical(item, text);
        text.append(',');
      });
      text.append(']');
    } else {
      text.append(node);
    }
  }

  /** A pod of the template, without a name, controlled by the owner. */
  static Pod pod(PodTemplateSpec template, HasMetadata owner) {
    PodTemplateSpec copy = Json.model(Json.tree(template), PodTemplateSpec.class);
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(owner.getMetadata().getNamespace())
        .withLabels(mutable(copy.getMetadata().getLabels()))
        .withAnnotations(mutable(copy.getMetadata().getAnnotations()))
        .withFinalizers(new ArrayList<>(copy.getMetadata().getFinalizers()))
        .withOwnerReferences(OwnerRefs.controllerTo(owner))
        .endMetadata()
        .withSpec(copy.getSpec())
        .build();
  }

  static Map<String, String> mutable(Map<String, String> map) {
    return map == null ? new HashMap<>() : new HashMap<>(map);
  }
}
