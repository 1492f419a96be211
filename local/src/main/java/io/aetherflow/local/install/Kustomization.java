package io.aetherflow.local.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.schema.Patches;
import io.aetherflow.local.store.Kind;
import io.aetherflow.local.store.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The part of kustomize that {@code config/} uses: resources, namespace, and strategic-merge
 * patches from files. Anything else in a kustomization is refused, so that nothing is left out
 * silently.
 */
public final class Kustomization {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final Set<String> KNOWN =
      Set.of("apiVersion", "kind", "resources", "namespace", "patches");

  private final Kinds kinds;

  public Kustomization(Kinds kinds) {
    this.kinds = kinds;
  }

  /**
   * The objects of a directory, in kustomize's order of files.
   *
   * @throws IOException naming the file that is missing, malformed or uses another feature
   */
  public List<ObjectNode> render(Path directory) throws IOException {
    Path file = directory.resolve("kustomization.yaml");
    JsonNode root = YAML.readTree(Files.readString(file));
    for (var field : root.properties()) {
      if (!KNOWN.contains(field.getKey())) {
        throw new IOException(file + " uses '" + field.getKey() + "', which only kustomize knows");
      }
    }
    List<ObjectNode> objects = new ArrayList<>();
    for (JsonNode resource : root.path("resources")) {
      Path path = directory.resolve(resource.asText()).normalize();
      objects.addAll(Files.isDirectory(path) ? render(path) : documents(path));
    }
    String namespace = root.path("namespace").asText("");
    if (!namespace.isEmpty()) {
      objects.forEach(object -> move(object, namespace));
    }
    for (JsonNode patch : root.path("patches")) {
      for (ObjectNode document : documents(directory.resolve(patch.path("path").asText()))) {
        apply(objects, document, file);
      }
    }
    return objects;
  }

  private static List<ObjectNode> documents(Path file) throws IOException {
    List<ObjectNode> documents = new ArrayList<>();
    try (MappingIterator<ObjectNode> values =
        YAML.readerFor(ObjectNode.class).readValues(Files.readString(file))) {
      while (values.hasNext()) {
        ObjectNode document = values.next();
        if (document != null) {
          documents.add(document);
        }
      }
    }
    return documents;
  }

  private void move(ObjectNode object, String namespace) {
    if (kind(object) == null || kind(object).namespaced()) {
      Json.child(object, "metadata").put("namespace", namespace);
    }
    if (Json.text(object, "kind").equals("Namespace")) {
      Json.child(object, "metadata").put("name", namespace);
    }
    for (JsonNode subject : object.path("subjects")) {
      if (Json.text(subject, "kind").equals("ServiceAccount")) {
        ((ObjectNode) subject).put("namespace", namespace);
      }
    }
  }

  private void apply(List<ObjectNode> objects, ObjectNode patch, Path file) throws IOException {
    for (int i = 0; i < objects.size(); i++) {
      if (identity(objects.get(i)).equals(identity(patch))) {
        Kind kind = kind(patch);
        objects.set(i, (ObjectNode) Patches.strategic(objects.get(i), patch, kind.shape()));
        return;
      }
    }
    throw new IOException(
        file + " patches " + identity(patch) + ", which is not among its resources");
  }

  private Kind kind(ObjectNode object) {
    return kinds.byKind(Json.text(object, "apiVersion"), Json.text(object, "kind")).orElse(null);
  }

  private static String identity(ObjectNode object) {
    return Json.text(object, "kind")
        + " "
        + Json.text(object, "metadata", "namespace")
        + "/"
        + Json.text(object, "metadata", "name");
  }
}
