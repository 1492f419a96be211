package io.aetherflow.local.server;

import io.aetherflow.local.store.Kind;
import io.aetherflow.local.store.Write;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One request on a resource.
 *
 * @param namespace empty for cluster-scoped kinds and for lists over all namespaces
 * @param name empty for collections
 */
record Call(
    Identity who,
    String method,
    Kind kind,
    String namespace,
    String name,
    String subresource,
    MultiMap query,
    MultiMap headers,
    Buffer body,
    List<String> warnings) {

  String parameter(String key) {
    String value = query.get(key);
    return value == null ? "" : value;
  }

  boolean flag(String key) {
    String value = query.get(key);
    return value != null && (value.equals("true") || value.equals("1"));
  }

  String header(String key) {
    String value = headers.get(key);
    return value == null ? "" : value;
  }

  /** True when the client asks for printer columns. */
  boolean table() {
    return header("Accept").contains("as=Table");
  }

  /** As RBAC rules name it: the plural, behind a slash the subresource if there is one. */
  String resource() {
    return subresource.isEmpty() ? kind.plural() : kind.plural() + "/" + subresource;
  }

  boolean watch() {
    return method.equals("GET") && flag("watch") && subresource.isEmpty();
  }

  String verb() {
    return switch (method) {
      case "GET" -> watch() ? "watch" : name.isEmpty() ? "list" : "get";
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> name.isEmpty() ? "deletecollection" : "delete";
      default -> method.toLowerCase(java.util.Locale.ROOT);
    };
  }

  Write write() {
    Write.Validation validation =
        switch (parameter("fieldValidation")) {
          case "Strict" -> Write.Validation.STRICT;
          case "Ignore" -> Write.Validation.IGNORE;
          default -> Write.Validation.WARN;
        };
    return new Write(manager(), subresource, !parameter("dryRun").isEmpty(), validation, warnings);
  }

  private String manager() {
    String given = parameter("fieldManager");
    if (!given.isEmpty()) {
      return given;
    }
    String agent = header("User-Agent");
    return agent.isEmpty() ? "unknown" : agent.replaceFirst("[/ ].*", "");
  }

  static List<String> noWarnings() {
    return new ArrayList<>();
  }
}
