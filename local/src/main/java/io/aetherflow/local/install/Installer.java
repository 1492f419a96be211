package io.aetherflow.local.install;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.Kind;
import io.aetherflow.local.store.Resources;
import io.aetherflow.local.store.Write;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Applies a kustomization; applying it again changes nothing. */
public final class Installer {
  private static final String MANAGER = "aetherflow-installer";

  private final Resources resources;

  public Installer(Resources resources) {
    this.resources = resources;
  }

  /**
   * @throws IOException when the directory cannot be rendered or an object is of an unknown kind
   */
  public void install(Path directory) throws IOException {
    List<ObjectNode> objects = new Kustomization(resources.kinds()).render(directory);
    objects.sort(Comparator.comparingInt(object -> rank(Json.text(object, "kind"))));
    for (ObjectNode object : objects) {
      Kind kind =
          resources
              .kinds()
              .byKind(Json.text(object, "apiVersion"), Json.text(object, "kind"))
              .orElseThrow(() ->
                  new IOException(
                      directory
                          + " holds a "
                          + Json.text(object, "kind")
                          + ", which the local API does not serve"));
      Write write = new Write(MANAGER, "", false, Write.Validation.STRICT, new ArrayList<>());
      String namespace = kind.namespaced() ? Json.text(object, "metadata", "namespace") : "";
      String name = Json.text(object, "metadata", "name");
      resources.apply(kind, namespace, name, object, true, write);
    }
  }

  /** What others live in or are checked by comes first. */
  private static int rank(String kind) {
    return switch (kind) {
      case "Namespace" -> 0;
      case "CustomResourceDefinition" -> 1;
      default -> 2;
    };
  }
}
