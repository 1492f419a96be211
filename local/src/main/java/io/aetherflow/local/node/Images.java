package io.aetherflow.local.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Which program stands for which image; there is no registry on this machine. Immutable. */
public final class Images {
  private static final String VARIABLE = "${APP_HOME}";

  /** What an image reference leads to. */
  sealed interface Lookup {}

  /** The command line that the image's ENTRYPOINT would be. */
  record Program(List<String> entrypoint) implements Lookup {}

  /** Nothing, and why, in a sentence for the pod's status. */
  record Unknown(String reason) implements Lookup {}

  private final Path file;
  private final Map<String, List<String>> entrypoints;

  private Images(Path file, Map<String, List<String>> entrypoints) {
    this.file = file;
    this.entrypoints = Map.copyOf(entrypoints);
  }

  /**
   * Reads {@code images: [{name, tags, entrypoint}]}.
   *
   * @param appHome replaces {@code ${APP_HOME}}
   * @throws IOException when the file cannot be read or has another shape
   */
  public static Images read(Path file, Path appHome) throws IOException {
    Map<String, List<String>> entrypoints = new HashMap<>();
    JsonNode images = new YAMLMapper().readTree(Files.readString(file)).path("images");
    if (!images.isArray() || images.isEmpty()) {
      throw new IOException(file + " must hold a list 'images' of name, tags and entrypoint");
    }
    for (JsonNode image : images) {
      List<String> entrypoint = new ArrayList<>();
      image
          .path("entrypoint")
          .forEach(word -> entrypoint.add(word.asText().replace(VARIABLE, appHome.toString())));
      for (JsonNode tag : image.path("tags")) {
        entrypoints.put(image.path("name").asText() + ":" + tag.asText(), List.copyOf(entrypoint));
      }
    }
    return new Images(file, entrypoints);
  }

  Lookup find(String reference) {
    String slash = reference.substring(reference.lastIndexOf('/') + 1);
    String full = slash.indexOf(':') < 0 ? reference + ":latest" : reference;
    List<String> entrypoint = entrypoints.get(full);
    if (entrypoint != null) {
      return new Program(entrypoint);
    }
    return new Unknown(
        "no program on this machine stands for image \""
            + reference
            + "\"; "
            + file
            + " maps "
            + String.join(", ", new TreeSet<>(entrypoints.keySet())));
  }
}
