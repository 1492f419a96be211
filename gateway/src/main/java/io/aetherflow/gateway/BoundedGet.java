package io.aetherflow.gateway;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads small documents from servers that may stall or answer without end. */
public final class BoundedGet {
  private BoundedGet() {}

  /**
   * The body of an answer with status 200. Blocking. A request's own timeout ends at the headers,
   * so the whole exchange has one here; it is given up with the call.
   *
   * @param within from now to the last byte
   * @param bytesMax of the body
   * @throws IOException when there is no such answer within the bounds
   */
  public static byte[] body(HttpClient http, HttpRequest request, Duration within, long bytesMax)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> exchange =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), bytesMax));
    try {
      HttpResponse<byte[]> response = exchange.get(within.toNanos(), TimeUnit.NANOSECONDS);
      if (response.statusCode() != 200) {
        throw new IOException("status " + response.statusCode());
      }
      return response.body();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no whole answer within " + within, e);
    } finally {
      exchange.cancel(true);
    }
  }
}
