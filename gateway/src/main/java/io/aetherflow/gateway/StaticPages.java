package io.aetherflow.gateway;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Files of the class path, read once: the page at /, the API's description and a page for it. */
final class StaticPages {
  private StaticPages() {}

  static void mount(Router router) {
    serve(router, "/", "index.html", "text/html; charset=utf-8");
    serve(router, "/api.html", "api.html", "text/html; charset=utf-8");
    serve(router, "/openapi.json", "openapi.json", "application/json");
  }

  private static void serve(Router router, String path, String file, String type) {
    Buffer content = Buffer.buffer(read("/web/" + file));
    router
        .get(path)
        .handler(ctx -> ctx.response().putHeader("Content-Type", type).end(content.copy()));
  }

  private static byte[] read(String resource) {
    try (InputStream in = StaticPages.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the gateway's jar lacks " + resource);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
