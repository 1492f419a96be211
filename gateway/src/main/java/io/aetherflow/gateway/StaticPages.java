package io.aetherflow.gateway;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

/**
 * Files of the class path, read once: what the gateway is at /, the demo, the console, and the
 * API's description with a page for it.
 */
final class StaticPages {
  private static final String HTML = "text/html; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  /** Nothing of a page comes from elsewhere, so nothing else is let in. */
  private static final String OWN_FILES_ONLY =
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /** Of the page whose script and style stand in it. */
  private static final String IN_THE_PAGE =
      OWN_FILES_ONLY + "; script-src 'unsafe-inline'; style-src 'unsafe-inline'";

  private StaticPages() {}

  static void mount(Router router) {
    serve(router, "/", "index.html", HTML, OWN_FILES_ONLY);
    serve(router, "/demo", "demo.html", HTML, OWN_FILES_ONLY);
    serve(router, "/console", "console.html", HTML, OWN_FILES_ONLY);
    serve(router, "/assets/demo.js", "assets/demo.js", SCRIPT, OWN_FILES_ONLY);
    serve(router, "/assets/console.js", "assets/console.js", SCRIPT, OWN_FILES_ONLY);
    serve(router, "/assets/page.css", "assets/page.css", "text/css; charset=utf-8", OWN_FILES_ONLY);
    serve(router, "/assets/icon.svg", "assets/icon.svg", "image/svg+xml", OWN_FILES_ONLY);
    serve(router, "/api.html", "api.html", HTML, IN_THE_PAGE);
    serve(router, "/openapi.json", "openapi.json", "application/json", OWN_FILES_ONLY);
  }

  private static void serve(Router router, String path, String file, String type, String policy) {
    byte[] plain = read("/web/" + file);
    Buffer content = Buffer.buffer(plain);
    Buffer zipped = Buffer.buffer(gzip(plain));
    String tag = tag(plain);
    router
        .get(path)
        .handler(ctx -> {
          HttpServerResponse response = ctx.response();
          response
              .putHeader("Content-Type", type)
              .putHeader("Content-Security-Policy", policy)
              .putHeader("X-Content-Type-Options", "nosniff")
              .putHeader("Referrer-Policy", "no-referrer")
              .putHeader("Cache-Control", "no-cache")
              .putHeader("Vary", "Accept-Encoding")
              .putHeader("ETag", tag);
          if (tag.equals(ctx.request().getHeader("If-None-Match"))) {
            response.setStatusCode(304).end();
          } else if (takesGzip(ctx)) {
            response.putHeader("Content-Encoding", "gzip").end(zipped.copy());
          } else {
            response.end(content.copy());
          }
        });
  }

  private static boolean takesGzip(RoutingContext ctx) {
    String accepted = ctx.request().getHeader("Accept-Encoding");
    return accepted != null
        && Arrays.stream(accepted.split(",")).anyMatch(each -> each.strip().equals("gzip"));
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return zipped.toByteArray();
  }

  /** Weak, for the zipped and the plain form share it. */
  private static String tag(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return "W/\"" + HexFormat.of().formatHex(digest, 0, 8) + "\"";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
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
