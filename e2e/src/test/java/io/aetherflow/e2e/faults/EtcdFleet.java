package io.aetherflow.e2e.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.etcd.EtcdCredentials;
import io.aetherflow.e2e.etcd.EtcdView;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** etcd's members, some of which may not answer at the moment. May be used from any thread. */
final class EtcdFleet implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofMillis(1_500);
  private static final String OWNERS = "/owners/";

  private final Cluster cluster;
  private final HttpClient http;

  EtcdFleet(Cluster cluster) {
    this.cluster = cluster;
    http =
        HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .sslContext(EtcdCredentials.of(cluster.secret("etcd-certs")))
            .build();
  }

  /** What a member says of itself. */
  private record Status(String member, String leader) {
    boolean leads() {
      return member.equals(leader);
    }
  }

  List<Pod> pods() {
    return cluster.pods("etcd");
  }

  /** Whether so many members answer and follow one leader. */
  boolean complete(int members) {
    List<Optional<Status>> all = pods().stream().map(this::status).toList();
    return all.size() == members
        && all.stream().allMatch(Optional::isPresent)
        && all.stream().map(each -> each.orElseThrow().leader()).distinct().count() == 1;
  }

  boolean leads(Pod pod) {
    return status(pod).filter(Status::leads).isPresent();
  }

  private Optional<Status> status(Pod pod) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("https://" + pod.getStatus().getPodIP() + ":2379/v3/maintenance/status"))
            .timeout(TIMEOUT)
            .POST(BodyPublishers.ofString("{}"))
            .build();
    try {
      JsonNode answer = JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
      String leader = answer.path("leader").asText("0");
      return leader.equals("0")
          ? Optional.empty()
          : Optional.of(new Status(answer.at("/header/member_id").asText(), leader));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** The owner's name of each shard, from the first member that answers. */
  Map<Integer, String> owners() {
    AssertionError last = new AssertionError("etcd has no members");
    Secret certificates = cluster.secret("etcd-certs");
    for (Pod pod : new ArrayList<>(pods())) {
      try (EtcdView view = new EtcdView(pod.getStatus().getPodIP(), certificates)) {
        Map<Integer, String> owners = new HashMap<>();
        for (EtcdView.Entry each : view.list(OWNERS)) {
          owners.put(
              Integer.parseInt(each.key().substring(OWNERS.length())), each.value().split(" ")[0]);
        }
        return owners;
      } catch (AssertionError e) {
        last = e;
      }
    }
    throw last;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
