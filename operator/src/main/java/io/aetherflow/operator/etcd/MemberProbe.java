package io.aetherflow.operator.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Asks each member for its status through etcd's HTTP gateway, over kept-alive connections: the
 * same question over gRPC would open a channel per member and call. Writes nothing. One thread at a
 * time.
 */
final class MemberProbe implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** For all who ask without certificates: a client has a thread, a selector and connections. */
  private static final HttpClient PLAIN = client(Optional.empty());

  private HttpClient http = PLAIN;
  private Optional<EtcdIdentity> identity = Optional.empty();

  private static HttpClient client(Optional<EtcdIdentity> identity) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .executor(Thread::startVirtualThread);
    identity.map(EtcdIdentity::http).ifPresent(builder::sslContext);
    return builder.build();
  }

  /** The health of every member, in order; blocks at most as long as the slowest may take. */
  List<MemberHealth> ask(EtcdTarget target) {
    identify(target.identity());
    return ask(target.members());
  }

  /** The same over plain HTTP. */
  List<MemberHealth> ask(List<EtcdTarget.Member> members) {
    List<CompletableFuture<MemberHealth>> answers = members.stream().map(this::ask).toList();
    return answers.stream().map(CompletableFuture::join).toList();
  }

  private void identify(Optional<EtcdIdentity> now) {
    if (!now.equals(identity)) {
      HttpClient replacement = now.isEmpty() ? PLAIN : client(now);
      if (http != PLAIN) {
        http.close();
      }
      http = replacement;
      identity = now;
    }
  }

  /** How full every member is, in order. */
  List<MemberSpace> spaces(EtcdTarget target) {
    identify(target.identity());
    List<CompletableFuture<MemberSpace>> answers =
        target.members().stream()
            .map(member ->
                status(member)
                    .thenApply(
                        response -> space(member.name(), response.statusCode(), response.body()))
                    .exceptionally(e -> unknown(member.name())))
            .toList();
    return answers.stream().map(CompletableFuture::join).toList();
  }

  static MemberSpace space(String name, int code, String body) {
    MemberHealth health = health(name, code, body);
    try {
      JsonNode status = JSON.readTree(body);
      boolean noSpace = false;
      for (JsonNode error : status.path("errors")) {
        noSpace |= error.asText().contains("NOSPACE");
      }
      return new MemberSpace(
          name,
          health.healthy(),
          health.leader(),
          status.path("dbSize").asLong(),
          status.path("dbSizeInUse").asLong(),
          noSpace);
    } catch (IOException e) {
      return unknown(name);
    }
  }

  private static MemberSpace unknown(String name) {
    return new MemberSpace(name, false, false, 0, 0, false);
  }

  private CompletableFuture<HttpResponse<String>> status(EtcdTarget.Member member) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(member.endpoint() + "/v3/maintenance/status"))
            .timeout(TIMEOUT)
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private CompletableFuture<MemberHealth> ask(EtcdTarget.Member member) {
    return status(member)
        .thenApply(response -> health(member.name(), response.statusCode(), response.body()))
        .exceptionally(e -> down(member.name(), reason(e)));
  }

  static MemberHealth health(String name, int code, String body) {
    if (code != 200) {
      return down(name, "answers with HTTP status " + code);
    }
    try {
      JsonNode status = JSON.readTree(body);
      String id = status.path("header").path("member_id").asText("");
      String leader = status.path("leader").asText("0");
      String hex = id.isEmpty() ? "" : Long.toHexString(Long.parseUnsignedLong(id));
      if (leader.equals("0")) {
        return MemberHealth.withoutLeader(name, hex);
      }
      return new MemberHealth(name, hex, true, leader.equals(id), "");
    } catch (IOException | NumberFormatException e) {
      return down(name, "gives no readable status");
    }
  }

  private static MemberHealth down(String name, String problem) {
    return new MemberHealth(name, "", false, false, problem);
  }

  /** Coarse on purpose: the text is part of the facts, and facts must not flicker. */
  private static String reason(Throwable e) {
    Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    return cause instanceof java.net.http.HttpTimeoutException
        ? "does not answer"
        : "is not reachable";
  }

  @Override
  public void close() {
    if (http != PLAIN) {
      http.shutdownNow();
    }
  }
}
