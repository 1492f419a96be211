package io.aetherflow.local.server;

import io.aetherflow.local.store.Errors;
import io.aetherflow.local.store.Kind;
import io.aetherflow.local.store.Kinds;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Takes resource paths apart. */
final class Routes {
  private Routes() {}

  /** {@code /api/v1/namespaces/x/pods/y/log} and the like. */
  static Call call(Kinds kinds, Identity who, HttpServerRequest request, Buffer body) {
    Deque<String> parts = new ArrayDeque<>(Arrays.asList(request.path().substring(1).split("/")));
    String root = next(parts);
    String group = root.equals("apis") ? next(parts) : "";
    String version = next(parts);
    if (!root.equals("api") && !root.equals("apis")) {
      throw Errors.noSuchResource();
    }
    String namespace = "";
    if ("namespaces".equals(parts.peek()) && parts.size() >= 3 && !namespaceSubresource(parts)) {
      parts.poll();
      namespace = next(parts);
    }
    Kind kind = kinds.byResource(group, version, next(parts)).orElseThrow(Errors::noSuchResource);
    String name = next(parts);
    String subresource = next(parts);
    boolean misplaced = !kind.namespaced() && !namespace.isEmpty();
    boolean homeless = kind.namespaced() && namespace.isEmpty() && !name.isEmpty();
    if (!parts.isEmpty() || misplaced || homeless) {
      throw Errors.noSuchResource();
    }
    String method = request.method().name();
    if (kind.namespaced() && namespace.isEmpty() && !method.equals("GET")) {
      throw Errors.of(405, "MethodNotAllowed", "a namespace is required in the path");
    }
    return new Call(
        who,
        method,
        kind,
        namespace,
        name,
        subresource,
        request.params(),
        request.headers(),
        body,
        Call.noWarnings());
  }

  /** {@code namespaces/x/status} is about the namespace, not in it. */
  private static boolean namespaceSubresource(Deque<String> parts) {
    return parts.size() == 3
        && (parts.peekLast().equals("status") || parts.peekLast().equals("finalize"));
  }

  private static String next(Deque<String> parts) {
    String part = parts.poll();
    return part == null ? "" : URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
