package io.aetherflow.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What {@code up} says at the end: where things are and what to try next. */
record Closing(Path state, long seconds) {

  /**
   * @param token that opens the pages
   */
  void print(PrintStream out, JsonNode clusters, JsonNode services, String token) {
    JsonNode first = clusters.path("items").path(0);
    String name = first.at("/metadata/name").asText();
    out.printf("%nAetherFlow is ready after %d s.%n%n", seconds);
    String pages = "";
    for (JsonNode service : services.path("items")) {
      String address = service.at("/status/loadBalancer/ingress/0/ip").asText();
      if (!address.isEmpty()
          && service.at("/metadata/name").asText().endsWith("-api-gateway-svc")) {
        out.printf("  REST             http://%s:8080%n", address);
        out.printf("  WebSocket        ws://%s:8080/ws%n", address);
        pages = pagesText(address, token);
      }
    }
    out.printf("  Kubernetes API   kubeconfig %s%n%n", state.resolve("kubeconfig"));
    boolean kubectl = onPath("kubectl");
    if (!kubectl) {
      out.println(
          "kubectl is not installed: 'get', 'patch' and 'edit' need it (1.27 or newer, from"
              + " https://kubernetes.io/docs/tasks/tools). Everything else works without it.");
      out.println();
    }
    out.print(pages);
    out.println("Try next:");
    if (kubectl) {
      out.printf("  export KUBECONFIG=%s%n", state.resolve("kubeconfig"));
      out.println("  kubectl get aetherflow -w");
      out.printf(
          "  kubectl patch aetherflow %s --type merge -p"
              + " '{\"spec\":{\"quantum\":{\"fec\":{\"ratioPercent\":50}}}}'%n",
          name);
    } else {
      out.println("  ./aetherflow status");
      out.println("  ./aetherflow token --user alice");
      out.printf("  ./aetherflow logs POD%n");
    }
    out.println();
  }

  private static String pagesText(String address, String token) {
    return """
    Open in a browser (the token in the addresses is valid for 12 h):
      demo, in two windows
        http://%1$s:8080/demo#token=%2$s
      console
        http://%1$s:8080/console#token=%2$s

    """
        .formatted(address, token);
  }

  private static boolean onPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator))
        .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
  }
}
