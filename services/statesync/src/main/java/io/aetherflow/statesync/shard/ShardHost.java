package io.aetherflow.statesync.shard;

import io.aetherflow.statesync.document.DocumentState;
import io.aetherflow.statesync.document.OwnedShard;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.shard.ClusterView.Owner;
import io.aetherflow.statesync.shard.Seekers.Seeker;
import io.aetherflow.statesync.shard.ShardSlot.Parked;
import io.aetherflow.statesync.shard.ShardSlot.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of this instance: claims what it should own, gives up what it should not, and leads
 * each request to the shard or tells where it is. Loop only, but for {@link #drain} and {@link
 * #owned}.
 */
public final class ShardHost implements OwnedShard.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(ShardHost.class);

  /** After a call to etcd without an answer. */
  static final long RETRY_MILLIS = 250;

  private final String self;
  private final String address;
  private final ShardContext context;
  private final Consumer<String> missed;
  private final ShardSlot[] slots =
      IntStream.range(0, Shards.COUNT).mapToObj(ShardSlot::new).toArray(ShardSlot[]::new);
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private final Set<ShardSlot> releasing = new LinkedHashSet<>();
  private final Seekers seekers;
  private final ShardLoader loader;
  private ClusterView view = ClusterView.EMPTY;
  private boolean leaving;
  private boolean reviewing;
  private volatile int owned;
  private int reportedOwned;

  /**
   * @param self name of this instance
   * @param address where others reach it
   * @param missed told of another member whose callers wait for who comes after it
   */
  public ShardHost(String self, String address, ShardContext context, Consumer<String> missed) {
    this.self = self;
    this.address = address;
    this.context = context;
    this.missed = missed;
    this.seekers = new Seekers(context.loop(), this::locate);
    this.loader = new ShardLoader(context, this::held, this::loaded);
  }

  /** Shards served at the moment. Any thread. */
  public int owned() {
    return owned;
  }

  public void onView(ClusterView now) {
    view = now;
    review();
  }

  /** Leads a request to its document, now or when its shard has been taken over, or away. */
  public void with(String document, Consumer<DocumentState> here, Consumer<Location> elsewhere) {
    ShardSlot slot = slots[Shards.of(document)];
    if (slot.state() == State.SERVING) {
      here.accept(slot.shard().document(document));
      return;
    }
    Location location = locate(slot.number());
    boolean soonHere = slot.state() != State.FREE || location.owner().equals(self);
    if (!soonHere || !slot.park(new Parked(document, here, elsewhere))) {
      elsewhere.accept(soonHere ? Location.NOWHERE : location);
    }
  }

  /** Leads to the document if it is served here at this moment. */
  public void ifServed(String document, Consumer<DocumentState> here) {
    ShardSlot slot = slots[Shards.of(document)];
    if (slot.state() == State.SERVING) {
      here.accept(slot.shard().document(document));
    }
  }

  /** Leads to the document if it is in memory here at this moment. */
  public void ifKnown(String document, Consumer<DocumentState> here) {
    ShardSlot slot = slots[Shards.of(document)];
    if (slot.state() == State.SERVING) {
      slot.shard().find(document).ifPresent(here);
    }
  }

  public Location locate(String document) {
    return locate(Shards.of(document));
  }

  /**
   * Tells where a document is, as soon as that is known to be elsewhere than under a stale epoch,
   * or, when the time is up, what is known then.
   *
   * @param staleEpoch 0 for any owner, negative for any that has claimed the shard
   */
  public void locate(String document, long staleEpoch, long millis, Consumer<Location> answer) {
    Location now = locate(document);
    if (staleEpoch > 0 && now.epoch() == staleEpoch && !now.owner().equals(self)) {
      missed.accept(now.owner());
    }
    seekers.add(new Seeker(Shards.of(document), staleEpoch, answer), millis);
  }

  private Location locate(int shard) {
    ShardSlot slot = slots[shard];
    if (slot.shard() != null) {
      return new Location(self, address, slot.shard().epoch());
    }
    return ownership().locate(shard);
  }

  /** Gives every shard up, in order; done when others may have them all. Any thread. */
  public CompletableFuture<Void> drain() {
    context
        .loop()
        .execute(() -> {
          leaving = true;
          review();
        });
    return drained;
  }

  private Ownership ownership() {
    return new Ownership(view, self, leaving);
  }

  /** Once for all changes of one turn. */
  private void review() {
    if (!reviewing) {
      reviewing = true;
      context.loop().execute(this::reviewNow);
    }
  }

  private void reviewNow() {
    reviewing = false;
    Ownership ownership = ownership();
    Map<ShardSlot, Long> wanted = new HashMap<>();
    for (ShardSlot slot : slots) {
      review(slot, ownership, wanted);
    }
    claimAll(wanted);
    seekers.review();
    owned = (int) Arrays.stream(slots).filter(slot -> slot.shard() != null).count();
    boolean settled =
        Arrays.stream(slots)
            .allMatch(slot -> slot.state() == State.FREE || slot.state() == State.SERVING);
    if (settled && owned != reportedOwned) {
      reportedOwned = owned;
      LOG.atInfo().addKeyValue("action", "shards_owned").log("owns {} shards", owned);
    }
    if (leaving && Arrays.stream(slots).allMatch(slot -> slot.state() == State.FREE)) {
      drained.complete(null);
    }
  }

  private void review(ShardSlot slot, Ownership ownership, Map<ShardSlot, Long> wanted) {
    int shard = slot.number();
    switch (slot.state()) {
      case FREE -> reviewFree(slot, ownership, wanted);
      case CLAIMING -> {}
      case LOADING, RELEASING -> {
        if (ownership.lost(shard, slot.shard().epoch())) {
          free(slot);
        }
      }
      case SERVING -> {
        if (ownership.lost(shard, slot.shard().epoch())) {
          free(slot);
        } else if (ownership.releases(shard)) {
          slot.releasing();
          releaseWhenIdle(slot);
        }
      }
    }
  }

  private void reviewFree(ShardSlot slot, Ownership ownership, Map<ShardSlot, Long> wanted) {
    int shard = slot.number();
    if (ownership.claims(shard)) {
      if (!slot.isBehind()) {
        wanted.put(slot, ownership.seenEpoch(shard));
      }
      return;
    }
    if (ownership.disowns(shard) && !slot.isBehind()) {
      waitForView(slot);
      context.log().release(Map.of(shard, ownership.seenEpoch(shard)));
    }
    if (slot.hasParked() && !ownership.locate(shard).owner().equals(self)) {
      sendAway(slot);
    }
  }

  /** The view is behind what we know; looks again a moment later. */
  private void waitForView(ShardSlot slot) {
    slot.setBehind(true);
    context
        .loop()
        .after(
            RETRY_MILLIS,
            () -> {
              slot.setBehind(false);
              review();
            });
  }

  /** Shards that somebody waits for come first. */
  private void claimAll(Map<ShardSlot, Long> wanted) {
    List<ShardSlot> order = new ArrayList<>(wanted.keySet());
    order.sort(Comparator.comparing(slot -> !slot.hasParked()));
    for (List<ShardSlot> part : parts(order, OpLog.SHARDS_PER_CLAIM_MAX)) {
      Map<Integer, Long> seenEpochs = new TreeMap<>();
      for (ShardSlot slot : part) {
        slot.claiming();
        seenEpochs.put(slot.number(), wanted.get(slot));
      }
      context
          .loop()
          .whenDone(
              context.log().claim(seenEpochs, Owner.encode(self, address)),
              (epochs, error) -> claimed(part, error == null ? epochs : Map.of()));
    }
  }

  private void claimed(List<ShardSlot> part, Map<Integer, Long> epochs) {
    List<OwnedShard> shards = new ArrayList<>();
    for (ShardSlot slot : part) {
      Long epoch = epochs.get(slot.number());
      if (epoch == null) {
        slot.claimFailed();
        waitForView(slot);
      } else {
        OwnedShard shard = new OwnedShard(slot.number(), epoch, context, this);
        slot.loading(shard);
        shards.add(shard);
      }
    }
    LOG.atDebug().addKeyValue("action", "shards_claimed").log("claimed shards {}", epochs);
    loader.load(shards);
  }

  static <T> List<List<T>> parts(List<T> all, int size) {
    List<List<T>> parts = new ArrayList<>();
    for (int from = 0; from < all.size(); from += size) {
      parts.add(List.copyOf(all.subList(from, Math.min(all.size(), from + size))));
    }
    return parts;
  }

  /** Shards that are served at the moment. */
  public List<OwnedShard> serving() {
    return Arrays.stream(slots)
        .filter(slot -> slot.state() == State.SERVING)
        .map(ShardSlot::shard)
        .toList();
  }

  private boolean held(OwnedShard shard) {
    return slots[shard.number()].holds(shard);
  }

  private void loaded(OwnedShard shard) {
    ShardSlot slot = slots[shard.number()];
    slot.serving();
    for (Parked request : slot.unpark()) {
      request.here().accept(shard.document(request.document()));
    }
    review();
  }

  private void releaseWhenIdle(ShardSlot slot) {
    if (slot.state() == State.RELEASING
        && slot.shard().isIdle()
        && releasing.add(slot)
        && releasing.size() == 1) {
      context.loop().execute(this::releaseAll);
    }
  }

  /** Once for all that became idle in one turn. */
  private void releaseAll() {
    List<ShardSlot> all = List.copyOf(releasing);
    releasing.clear();
    for (List<ShardSlot> part : parts(all, OpLog.SHARDS_PER_CLAIM_MAX)) {
      List<OwnedShard> shards =
          part.stream()
              .filter(slot -> slot.state() == State.RELEASING)
              .map(ShardSlot::shard)
              .toList();
      Map<Integer, Long> epochs = new TreeMap<>();
      shards.forEach(shard -> epochs.put(shard.number(), shard.epoch()));
      context
          .loop()
          .whenDone(
              context.log().release(epochs),
              (ok, error) -> shards.forEach(shard -> released(shard, error == null)));
    }
  }

  private void released(OwnedShard shard, boolean done) {
    ShardSlot slot = slots[shard.number()];
    if (!done) {
      whileHeld(slot, shard, () -> releaseWhenIdle(slot));
    } else if (slot.holds(shard)) {
      waitForView(slot);
      free(slot);
    }
  }

  private void whileHeld(ShardSlot slot, OwnedShard shard, Runnable again) {
    context
        .loop()
        .after(
            RETRY_MILLIS,
            () -> {
              if (slot.holds(shard)) {
                again.run();
              }
            });
  }

  private void free(ShardSlot slot) {
    slot.free();
    sendAway(slot);
    review();
  }

  private void sendAway(ShardSlot slot) {
    Location location = locate(slot.number());
    slot.unpark().forEach(request -> request.elsewhere().accept(location));
  }

  @Override
  public void fenced(OwnedShard shard) {
    ShardSlot slot = slots[shard.number()];
    if (slot.holds(shard)) {
      LOG.atInfo()
          .addKeyValue("action", "shard_fenced")
          .log("shard {} has a newer owner than epoch {}", shard.number(), shard.epoch());
      free(slot);
    }
  }

  @Override
  public void idle(OwnedShard shard) {
    ShardSlot slot = slots[shard.number()];
    if (slot.holds(shard)) {
      releaseWhenIdle(slot);
    }
  }
}
