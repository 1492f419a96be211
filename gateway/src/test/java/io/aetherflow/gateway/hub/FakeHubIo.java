package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.SyncRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Records what a document asks for; the test answers. */
final class FakeHubIo implements HubIo {
  record Page(long ticket, long fromSeq) {}

  final Deque<Long> locates = new ArrayDeque<>();
  long staleEpoch;
  final Deque<Long> successors = new ArrayDeque<>();
  final Deque<Page> pages = new ArrayDeque<>();
  final Deque<Long> states = new ArrayDeque<>();
  final Deque<Runnable> later = new ArrayDeque<>();
  final List<FakeLink> links = new ArrayList<>();
  final PendingBudget budget = new PendingBudget(PendingBudget.BYTES_MAX);
  long nowNs;

  @Override
  public void locate(String document, long ticket, long staleEpoch) {
    locates.add(ticket);
    this.staleEpoch = staleEpoch;
  }

  @Override
  public void successor(String document, long ticket, long staleEpoch) {
    successors.add(ticket);
  }

  @Override
  public OwnerLink link(String address) {
    FakeLink link = new FakeLink(address);
    links.add(link);
    return link;
  }

  @Override
  public void history(String document, long ticket, long fromSeq) {
    pages.add(new Page(ticket, fromSeq));
  }

  @Override
  public void state(String document, long ticket) {
    states.add(ticket);
  }

  @Override
  public PendingBudget pendingBudget() {
    return budget;
  }

  @Override
  public void after(long delayMillis, Runnable task) {
    later.add(task);
  }

  @Override
  public long nowNs() {
    return nowNs;
  }

  @Override
  public long random(long bound) {
    return 0;
  }

  void runLater() {
    List<Runnable> due = List.copyOf(later);
    later.clear();
    due.forEach(Runnable::run);
  }

  static final class FakeLink implements OwnerLink {
    final String address;
    final Deque<SyncRequest> sent = new ArrayDeque<>();
    final Deque<Runnable> waiting = new ArrayDeque<>();
    boolean abandoned;
    String successor;

    FakeLink(String address) {
      this.address = address;
    }

    @Override
    public String address() {
      return address;
    }

    @Override
    public void send(SyncRequest request) {
      sent.add(request);
    }

    @Override
    public void send(SyncRequest request, Runnable left) {
      sent.add(request);
      waiting.add(left);
    }

    @Override
    public void sendPresence(SyncRequest request) {
      sent.add(request);
    }

    @Override
    public void abandon(String why) {
      abandoned = true;
    }

    @Override
    public void abandonFor(String successor) {
      abandoned = true;
      this.successor = successor;
    }
  }
}
