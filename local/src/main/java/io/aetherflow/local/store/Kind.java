package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.local.schema.CustomSchema;
import io.aetherflow.local.schema.Shape;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;

/**
 * One served resource.
 *
 * @param custom the CRD version's schema, null for built-in kinds
 * @param type the fabric8 class, null for custom resources
 * @param hasStatus a status subresource: main writes leave the status alone and the reverse
 * @param scale paths of the scale subresource ({@code specReplicasPath} and so on), or null
 * @param counted the server maintains {@code metadata.generation}
 * @param columns {@code additionalPrinterColumns} of a custom resource
 */
public record Kind(
    String group,
    String version,
    String plural,
    String singular,
    String kind,
    List<String> shortNames,
    List<String> categories,
    boolean namespaced,
    Shape shape,
    Class<? extends HasMetadata> type,
    CustomSchema custom,
    boolean hasStatus,
    JsonNode scale,
    boolean counted,
    JsonNode columns) {

  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** {@code deployments.apps}: identifies stored objects, whatever version they are served in. */
  public String resource() {
    return group.isEmpty() ? plural : plural + "." + group;
  }

  /** {@code Deployment.apps}, as error messages name kinds. */
  public String qualifiedKind() {
    return group.isEmpty() ? kind : kind + "." + group;
  }
}
