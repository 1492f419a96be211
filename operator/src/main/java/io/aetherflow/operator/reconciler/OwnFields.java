package io.aetherflow.operator.reconciler;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How the operator's client reads objects: of the lists that say who manages which field it keeps
 * its own alone. Those of others were half of the heap with hundreds of clusters, and nothing reads
 * them. A client with this must not replace whole objects of others, only apply and delete.
 */
public final class OwnFields extends JsonDeserializer<List<ManagedFieldsEntry>> {

  /** For the operator's Kubernetes client. */
  public static KubernetesSerialization serialization() {
    ObjectMapper mapper = new ObjectMapper();
    mapper.addMixIn(ObjectMeta.class, Metadata.class);
    return new KubernetesSerialization(mapper, true);
  }

  @Override
  public List<ManagedFieldsEntry> deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    List<ManagedFieldsEntry> own = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      ManagedFieldsEntry entry = context.readValue(parser, ManagedFieldsEntry.class);
      if (ObjectApplier.FIELD_MANAGER.equals(entry.getManager())) {
        own.add(entry);
      }
    }
    return own;
  }

  private abstract static class Metadata {
    @JsonDeserialize(using = OwnFields.class)
    abstract void setManagedFields(List<ManagedFieldsEntry> managedFields);
  }
}
