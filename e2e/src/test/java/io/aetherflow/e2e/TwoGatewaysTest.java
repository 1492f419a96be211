package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Ledger;
import io.aetherflow.e2e.collab.Op;
import io.aetherflow.e2e.collab.Rest;
import io.aetherflow.e2e.collab.Tokens;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Two people on two gateways edit one document, and a pod dies under them. */
@ClusterTest
@Order(60)
class TwoGatewaysTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int OPS = 200;

  private final Cluster cluster;
  private final Tokens tokens;
  private Door first;
  private Door second;

  TwoGatewaysTest(Cluster cluster) {
    this.cluster = cluster;
    this.tokens = Tokens.of(cluster);
  }

  @BeforeEach
  void openDoors() {
    cluster.awaitReady();
    List<Pod> gateways = cluster.pods("api-gateway");
    assertThat(gateways).hasSizeGreaterThanOrEqualTo(2);
    first = Door.to(cluster, gateways.get(0));
    second = Door.to(cluster, gateways.get(1));
  }

  @AfterEach
  void closeDoors() {
    first.close();
    second.close();
  }

  @Test
  void bothSeeTheSameOrder() {
    String document = "e2e-" + UUID.randomUUID();
    try (Editor ada = new Editor("ada", first, tokens.mint("ada"), document);
        Editor bob = new Editor("bob", second, tokens.mint("bob"), document)) {
      ada.awaitAttached(TIMEOUT);
      bob.awaitAttached(TIMEOUT);
      ada.write(OPS);
      bob.write(OPS);
      ada.awaitAcked(TIMEOUT);
      bob.awaitAcked(TIMEOUT);
      ada.awaitSeq(2 * OPS, TIMEOUT);
      bob.awaitSeq(2 * OPS, TIMEOUT);

      assertThat(ada.ops()).isEqualTo(bob.ops()).hasSize(2 * OPS);
      List<Op> log = Ledger.check(first, tokens.mint("carol"), document, ada, bob);
      assertThat(log).hasSize(2 * OPS);
    }
  }

  /** Each statesync pod is deleted in turn, so whichever owns the document goes once. */
  @Test
  void nothingAcknowledgedIsLostWhenTheOwnerIsDeleted() {
    String document = "e2e-" + UUID.randomUUID();
    try (Editor ada = new Editor("ada", first, tokens.mint("ada"), document);
        Editor bob = new Editor("bob", second, tokens.mint("bob"), document)) {
      ada.awaitAttached(TIMEOUT);
      bob.awaitAttached(TIMEOUT);
      for (Pod owner : cluster.pods("statesync-service")) {
        ada.write(OPS / 2);
        bob.write(OPS / 2);
        cluster.client().resource(owner).delete();
        ada.write(OPS / 2);
        bob.write(OPS / 2);
        ada.awaitAcked(TIMEOUT);
        bob.awaitAcked(TIMEOUT);
        awaitReplaced(owner);
      }

      Ledger.check(second, tokens.mint("carol"), document, ada, bob);
      assertThat(ada.acked()).hasSize(2 * OPS);
      assertThat(bob.acked()).hasSize(2 * OPS);
    }
  }

  private void awaitReplaced(Pod gone) {
    cluster
        .client()
        .resource(gone)
        .waitUntilCondition(
            pod -> pod == null || !pod.getMetadata().getUid().equals(gone.getMetadata().getUid()),
            TIMEOUT.toSeconds(),
            TimeUnit.SECONDS);
    cluster
        .afc()
        .await(
            "two statesync pods after the deletion of " + gone.getMetadata().getName(),
            TIMEOUT,
            state -> state.settled() && state.display("stateSync").equals("2/2"));
  }

  @Test
  void sessionsAndDocumentsAnswerOverRest() {
    try (Rest ada = new Rest(first, tokens.mint("ada"));
        Rest adaElsewhere = new Rest(second, tokens.mint("ada"))) {
      JsonNode session = ada.post("/sessions", "{}").ok();
      String sessionId = session.path("id").asText();
      assertThat(sessionId).isNotEmpty();
      assertThat(adaElsewhere.get("/sessions/" + sessionId).ok().path("id").asText())
          .isEqualTo(sessionId);
      assertThat(adaElsewhere.get("/sessions").ok().toString()).contains(sessionId);
      ada.delete("/sessions/" + sessionId).ok();
      assertThat(adaElsewhere.get("/sessions/" + sessionId).status()).isEqualTo(404);

      String document = ada.post("/documents", "{\"name\":\"minutes\"}").ok().path("id").asText();
      assertThat(document).isNotEmpty();
      assertThat(adaElsewhere.get("/documents/" + document).ok().path("name").asText())
          .isEqualTo("minutes");
      ada.post(
              "/documents/" + document + "/operations",
              "{\"client_id\":\"rest\",\"operations\":[{\"client_seq\":1,\"data\":\"hello\"}]}")
          .ok();
      assertThat(
              adaElsewhere.get("/documents/" + document + "/operations?from_seq=1").ok().toString())
          .contains("hello");
      ada.delete("/documents/" + document).ok();
      assertThat(adaElsewhere.get("/documents/" + document).status()).isEqualTo(404);
    }
  }

  @Test
  void withoutAGoodTokenNobodyGetsIn() {
    try (Rest nobody = new Rest(first, null);
        Rest forger = new Rest(first, tokens.forged("ada"))) {
      for (Rest each : List.of(nobody, forger)) {
        Rest.Response refused = each.get("/documents");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.body().at("/error/code").asText()).isNotEmpty();
        assertThat(refused.body().at("/error/message").asText()).isNotEmpty();
      }
    }
  }
}
