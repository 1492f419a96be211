package io.aetherflow.local.controllers;

import io.aetherflow.local.store.Objects;
import java.nio.file.Path;
import java.time.Clock;

/**
 * The controllers of the local cluster: workloads, scheduling, volumes, endpoints. They follow
 * watches, all on one worker thread with its own timer, and write only what changed; a cluster at
 * rest costs nothing. They keep nothing but what is in the objects, so starting them on a store
 * that has been used continues where the last ones stopped. Thread-safe.
 */
public final class Controllers implements AutoCloseable {
  private final Api api;
  private final WorkQueue queue;

  private Controllers(Api api, WorkQueue queue) {
    this.api = api;
    this.queue = queue;
  }

  /**
   * Starts all controllers; returns when they have read every object there is.
   *
   * @param volumesDirectory where the volumes of claims are made, and removed with them
   * @param clock for the times in objects and the deadlines counted from them
   */
  public static Controllers start(Objects objects, Path volumesDirectory, Clock clock) {
    Api api = new Api(objects);
    WorkQueue queue = new WorkQueue();
    Context context = new Context(api, queue, new EventRecorder(api, clock), clock);
    Directories directories = new Directories(volumesDirectory.toAbsolutePath().normalize());
    // Endpoints come first: a change of readiness is urgent to clients.
    new ServiceEndpoints(context);
    new ServiceAccounts(context);
    new Volumes(context, directories);
    Claims claims = new Claims(context, directories);
    new Scheduler(context);
    new ReplicaSets(context);
    new Deployments(context);
    new StatefulSets(context);
    new LoadBalancers(context);
    new DisruptionBudgets(context);
    new Autoscalers(context);
    api.start();
    claims.makeClass();
    queue.start();
    return new Controllers(api, queue);
  }

  /** Returns when every change delivered so far has been acted on. */
  void drain() throws InterruptedException {
    queue.drain();
  }

  /** Stops; objects stay as they are. */
  @Override
  public void close() {
    api.close();
    queue.close();
  }
}
