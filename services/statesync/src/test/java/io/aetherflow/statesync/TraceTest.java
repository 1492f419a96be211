package io.aetherflow.statesync;

import static io.aetherflow.statesync.testing.Server.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.runtime.trace.Guuid;
import io.aetherflow.statesync.testing.Server;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** The GUUID of a client's message stands in what its owner logs of it. */
@Timeout(60)
class TraceTest {
  private static final String FIRST = "0190163d-8694-739b-aea5-966c26f8ad91";
  private static final String SECOND = "0190163d-8694-739b-aea5-966c26f8ad92";
  private static final String THIRD = "0190163d-8694-739b-aea5-966c26f8ad93";

  private final Logger logger =
      (Logger) LoggerFactory.getLogger("io.aetherflow.statesync.document.DocumentWriter");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private Server server;

  @BeforeEach
  void start() {
    server = new Server();
    logger.setLevel(Level.DEBUG);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(null);
    server.close();
  }

  @Test
  void messagesOfOneStreamKeepTheirOwn() {
    StreamObserver<SyncRequest> stream = server.streams().sync(new Ignored());
    stream.onNext(apply(FIRST, 1));
    stream.onNext(apply(SECOND, 2));
    stream.onNext(apply("not a GUUID", 3));
    await().until(() -> lines.list.size() >= 3);
    assertThat(guuids()).contains(FIRST, SECOND).doesNotContain("not a GUUID");
    stream.onCompleted();
  }

  @Test
  void aCallHasThatOfItsMetadata() {
    Context.current()
        .withValue(Guuid.CURRENT, THIRD)
        .run(() -> server.apply("doc", "c", draft(1, "x").build()));
    assertThat(guuids()).containsOnly(THIRD);
  }

  private List<String> guuids() {
    return List.copyOf(lines.list).stream()
        .flatMap(line ->
            Objects.requireNonNullElse(line.getKeyValuePairs(), List.<KeyValuePair>of()).stream())
        .filter(pair -> pair.key.equals("guuid"))
        .map(pair -> String.valueOf(pair.value))
        .toList();
  }

  private static SyncRequest apply(String guuid, int clientSeq) {
    return SyncRequest.newBuilder()
        .setApply(
            ApplyOperationsRequest.newBuilder()
                .setDocument("doc")
                .setClientId("c")
                .setGuuid(guuid)
                .addOperations(draft(clientSeq, "x")))
        .build();
  }

  private static final class Ignored implements StreamObserver<SyncResponse> {
    @Override
    public void onNext(SyncResponse response) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
