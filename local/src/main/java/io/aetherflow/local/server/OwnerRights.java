package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Errors;
import io.aetherflow.local.store.Resources;
import java.util.HashSet;
import java.util.Set;

/**
 * Who may give an object that exists other owners, which is to let it be deleted with them: whoever
 * may delete it. Who may make it hold up its owner's deletion: whoever may write the owner's
 * finalizers. Kubernetes can be told to check that (admission plugin
 * OwnerReferencesPermissionEnforcement), and OpenShift always does. Thread-safe.
 */
final class OwnerRights {
  private final Resources resources;
  private final Rbac rbac;

  OwnerRights(Resources resources, Rbac rbac) {
    this.resources = resources;
    this.rbac = rbac;
  }

  /**
   * @param body the object as it is to be, or the part of it that is applied
   * @throws ApiException 403 when it changes owners that the user may not change, or names a new
   *     one that it may not hold up
   */
  void check(Call call, JsonNode body) {
    JsonNode owners = Json.at(body, "metadata", "ownerReferences");
    if (call.who().admin() || !call.subresource().isEmpty()) {
      return;
    }
    String name = call.name().isEmpty() ? Json.text(body, "metadata", "name") : call.name();
    ObjectNode live = resources.db().get(call.kind().resource(), call.namespace(), name);
    JsonNode before = live == null ? Json.object() : Json.at(live, "metadata", "ownerReferences");
    if (live != null && changes(call, before, owners)) {
      checkDelete(call, name);
    }
    for (JsonNode owner : owners) {
      if (holdsUp(owner) && !holdsUp(before, Json.text(owner, "uid"))) {
        check(call, name, owner);
      }
    }
  }

  /**
   * Whoever applies a part takes no owner away that another set, and is not seen to take its own.
   */
  private static boolean changes(Call call, JsonNode before, JsonNode owners) {
    Set<JsonNode> known = new HashSet<>();
    before.forEach(known::add);
    Set<JsonNode> next = new HashSet<>();
    owners.forEach(next::add);
    boolean part = call.header("Content-Type").startsWith("application/apply-patch");
    return part ? !known.containsAll(next) : !known.equals(next);
  }

  private void checkDelete(Call call, String name) {
    Rbac.Action delete =
        new Rbac.Action(
            "delete", call.kind().group(), call.kind().plural(), call.namespace(), name);
    if (!rbac.allows(call.who(), delete)) {
      throw Errors.forbidden(
          call.kind().resource()
              + " \""
              + name
              + "\" is forbidden: cannot set an ownerRef on a resource you can't delete");
    }
  }

  private static boolean holdsUp(JsonNode owner) {
    return owner.path("blockOwnerDeletion").asBoolean();
  }

  private static boolean holdsUp(JsonNode owners, String uid) {
    for (JsonNode owner : owners) {
      if (holdsUp(owner) && Json.text(owner, "uid").equals(uid)) {
        return true;
      }
    }
    return false;
  }

  private void check(Call call, String name, JsonNode owner) {
    boolean may =
        resources
            .kinds()
            .byKind(Json.text(owner, "apiVersion"), Json.text(owner, "kind"))
            .filter(kind ->
                rbac.allows(
                    call.who(),
                    new Rbac.Action(
                        "update",
                        kind.group(),
                        kind.plural() + "/finalizers",
                        kind.namespaced() ? call.namespace() : "",
                        Json.text(owner, "name"))))
            .isPresent();
    if (!may) {
      throw Errors.forbidden(
          call.kind().resource()
              + " \""
              + name
              + "\" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a"
              + " resource you can't set finalizers on");
    }
  }
}
