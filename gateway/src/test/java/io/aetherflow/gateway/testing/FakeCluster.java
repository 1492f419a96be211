package io.aetherflow.gateway.testing;

import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.gateway.Backends;
import io.aetherflow.runtime.trace.Guuid;
import io.aetherflow.runtime.trace.GuuidClientInterceptor;
import io.aetherflow.runtime.trace.Tracing;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** A session service and two statesync instances over one log, in this process. */
public final class FakeCluster implements Backends, AutoCloseable {
  private final String prefix = UUID.randomUUID().toString();
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final AtomicBoolean breakAfterCommit = new AtomicBoolean();
  private final List<FakeStateSync> instances;
  private final FakeSessions sessions = new FakeSessions();
  private final Server sessionServer;
  private final MemoryLog log = new MemoryLog();
  private final Random random = new Random();
  private final BlockingQueue<String> operationGuuids = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> locateGuuids = new LinkedBlockingQueue<>();
  private volatile int owner;
  private volatile long epoch = 10;

  public FakeCluster() throws IOException {
    Map<String, Document> documents = FakeStateSync.noDocuments();
    instances =
        List.of(
            new FakeStateSync(this, address(0), log, documents),
            new FakeStateSync(this, address(1), log, documents));
    sessionServer =
        InProcessServerBuilder.forName(prefix + "-session").addService(sessions).build().start();
  }

  /** The second instance takes over while the first lives and says so. */
  public void moveOwnership() {
    takeOver();
    instances.get(0).announceMove();
  }

  /** How many operations the document's log holds. */
  public long head(String document) {
    return log.head(document);
  }

  /** The GUUIDs that operations came with over Sync streams. */
  public BlockingQueue<String> operationGuuids() {
    return operationGuuids;
  }

  /** The GUUIDs in the metadata of calls that ask for a document's owner. */
  public BlockingQueue<String> locateGuuids() {
    return locateGuuids;
  }

  /** Answers of the owner wait from now on. */
  public void holdAnswers() {
    instances.forEach(FakeStateSync::holdAnswers);
  }

  /** Waits until so many answers wait. */
  public void awaitHeld(int answers) throws InterruptedException {
    instances.get(owner).awaitHeld(answers);
  }

  public void releaseAnswers() {
    instances.forEach(FakeStateSync::releaseAnswers);
  }

  /** Sessions that are asked for wait from now on. */
  public void holdSessions() {
    sessions.hold();
  }

  public void awaitHeldSession() throws InterruptedException {
    sessions.awaitHeld();
  }

  public void releaseSessions() {
    sessions.release();
  }

  /** The next operation is committed, and its owner dies before it can say so. */
  public void breakOwnerAfterNextCommit() {
    breakAfterCommit.set(true);
  }

  boolean breakAfterCommit() {
    boolean due = breakAfterCommit.compareAndSet(true, false);
    if (due) {
      takeOver();
    }
    return due;
  }

  private void takeOver() {
    owner = 1;
    epoch++;
  }

  String owner() {
    return address(owner);
  }

  long epoch() {
    return epoch;
  }

  private String address(int instance) {
    return prefix + "-statesync-" + instance;
  }

  @Override
  public Channel sessionService() {
    return channel(prefix + "-session");
  }

  @Override
  public Channel stateSync() {
    return channel(address(1));
  }

  @Override
  public Channel stateSyncAt(String address) {
    return channel(address);
  }

  private Channel channel(String name) {
    return channels.computeIfAbsent(
        name,
        key ->
            InProcessChannelBuilder.forName(key)
                .intercept(
                    new GuuidClientInterceptor(
                        new Guuid(Clock.systemUTC(), random), random, Tracing.NONE))
                .build());
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
    instances.forEach(FakeStateSync::kill);
    sessionServer.shutdownNow();
  }
}
