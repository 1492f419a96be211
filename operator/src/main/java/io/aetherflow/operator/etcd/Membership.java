package io.aetherflow.operator.etcd;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Decides the one next step that brings etcd's members to the wanted ones. Pure.
 *
 * <p>A member joins as a learner and votes when it has the whole store, so that a new member never
 * counts for a majority before it can help form one. A member goes only when the others are a
 * majority without it, and hands leadership over first. Volumes are given up in two cases alone:
 * they are those of a former member, or a person asked for it.
 */
public final class Membership {
  /** Where the pod number of a member's name begins. */
  private static final String DASH = "-";

  private final MembershipView view;
  private final List<RosterEntry> roster;

  private Membership(MembershipView view, List<RosterEntry> roster) {
    this.view = view;
    this.roster = roster;
  }

  /** What is to be, as far as it can be decided now. */
  public static MembershipPlan plan(MembershipView view) {
    // From the first majority on writes are acknowledged, so who loses its data then lost some.
    if (!view.formed() && !(view.available() && view.roster().isPresent())) {
      return forming(view);
    }
    if (!view.available() && nothingToLose(view)) {
      return new MembershipPlan(
          view.desired(), new Admission.Founders(view.desired()), new MembershipStep.Nothing());
    }
    if (view.roster().isEmpty()) {
      return new MembershipPlan(
          view.pods(),
          new Admission.Nobody(),
          new MembershipStep.Wait("the members have not told who they are"));
    }
    Membership membership = new Membership(view, view.roster().get());
    return new MembershipPlan(membership.pods(), membership.admission(), membership.step());
  }

  /** All members of the first hour start at once and elect a leader among themselves. */
  private static MembershipPlan forming(MembershipView view) {
    int pods = Math.max(view.formingMembers(), view.pods());
    // Who asked before the founders were named would ask again only after a pause.
    Optional<String> early = view.empty().stream().sorted().findFirst();
    return new MembershipPlan(
        pods,
        new Admission.Founders(view.formingMembers()),
        early
            .<MembershipStep>map(MembershipStep.RestartPod::new)
            .orElse(new MembershipStep.Nothing()));
  }

  /** No pod has data, and a cluster that begins with none is what is wanted then. */
  private static boolean nothingToLose(MembershipView view) {
    return view.mayStartEmpty()
        && view.pods() > 0
        && IntStream.range(0, view.pods()).allMatch(i -> view.empty().contains(view.name(i)));
  }

  /** As many as the highest member's number asks for; never those of the StatefulSet alone. */
  private int pods() {
    return 1 + roster.stream().mapToInt(m -> ordinal(m.name())).max().orElse(0);
  }

  /** Closed before the vote: who may have voted must never start without data under its own id. */
  private Admission admission() {
    return learner()
        .filter(l -> !view.healthy().contains(l.name()))
        .or(this::lateFounder)
        .<Admission>map(l ->
            new Admission.Only(
                l.name(),
                l.peerUrl(),
                roster.stream().filter(m -> !m.equals(l)).map(RosterEntry::peerUrl).toList()))
        .orElse(new Admission.Nobody());
  }

  private MembershipStep step() {
    if (!view.available()) {
      return new MembershipStep.Wait("no majority of the members answers");
    }
    return discard()
        .or(this::join)
        .or(this::awaitLateFounder)
        .or(this::replaceLost)
        // What is wanted comes before what is not goes: the last member may be one too many.
        .or(this::grow)
        .or(this::shrink)
        .or(this::waitForHealth)
        .orElse(new MembershipStep.Nothing());
  }

  /** A person gave up the volume of a member: named by its id, so the wish is spent by its end. */
  private Optional<MembershipStep> discard() {
    Optional<RosterEntry> target =
        view.discard()
            .flatMap(id -> roster.stream().filter(m -> m.id().equals(id)).findFirst())
            .filter(m -> !view.empty().contains(m.name()));
    return target.map(m ->
        m.voter() && !majorityWithout(m)
            ? wait(m.name() + " cannot go: the others are no majority without it")
            : handOver(m).orElseGet(() -> new MembershipStep.DiscardVolume(m.name(), m.id())));
  }

  private Optional<MembershipStep> join() {
    return learner()
        .map(l -> {
          if (!wanted(l)) {
            return remove(l);
          }
          if (view.healthy().contains(l.name())) {
            return view.admitting()
                ? wait(l.name() + " votes when nobody can start without data")
                : command(new EtcdCommand.Promote(l.id(), l.name()));
          }
          if (view.ended().contains(l.name())) {
            return new MembershipStep.DiscardVolume(l.name(), l.id());
          }
          // It asked before it was admitted, and would ask again only after a pause.
          return view.empty().contains(l.name())
              ? new MembershipStep.RestartPod(l.name())
              : wait(l.name() + " joins");
        });
  }

  /** A founder that was not there when the others elected the first leader. */
  private Optional<RosterEntry> lateFounder() {
    return roster.stream()
        .filter(m -> m.voter() && !m.started() && !view.healthy().contains(m.name()))
        .findFirst();
  }

  private Optional<MembershipStep> awaitLateFounder() {
    return lateFounder()
        .filter(this::wanted)
        .map(m ->
            view.empty().contains(m.name())
                ? new MembershipStep.RestartPod(m.name())
                : wait(m.name() + " has yet to start"));
  }

  /** Under its old id a member without its data could vote twice, so it has to come back as new. */
  private Optional<MembershipStep> replaceLost() {
    return roster.stream()
        .filter(m -> view.empty().contains(m.name()) && !view.healthy().contains(m.name()))
        .findFirst()
        .map(m ->
            majorityWithout(m)
                ? remove(m)
                : wait(m.name() + " has lost its data; the others are no majority without it"));
  }

  private Optional<MembershipStep> shrink() {
    return roster.stream()
        .filter(m -> !wanted(m))
        .min(
            Comparator.<RosterEntry, Boolean>comparing(m -> view.healthy().contains(m.name()))
                .thenComparing(m -> -ordinal(m.name())))
        .map(m ->
            majorityWithout(m)
                ? handOver(m).orElseGet(() -> remove(m))
                : wait(m.name() + " stays: the others are no majority without it"));
  }

  private Optional<MembershipStep> grow() {
    return down().isPresent()
        ? Optional.empty()
        : missing().map(name -> command(new EtcdCommand.AddLearner(name, view.peerUrl(name))));
  }

  private Optional<MembershipStep> waitForHealth() {
    return missing()
        .flatMap(name -> down().map(m -> wait(name + " joins when " + m.name() + " is healthy")));
  }

  private Optional<String> missing() {
    return IntStream.range(0, view.desired())
        .mapToObj(view::name)
        .filter(name -> roster.stream().noneMatch(m -> m.name().equals(name)))
        .findFirst();
  }

  private Optional<RosterEntry> down() {
    return roster.stream().filter(m -> !view.healthy().contains(m.name())).findFirst();
  }

  /** Nothing when it does not lead. */
  private Optional<MembershipStep> handOver(RosterEntry leaving) {
    if (!view.leader().equals(Optional.of(leaving.name()))) {
      return Optional.empty();
    }
    return roster.stream()
        .filter(RosterEntry::voter)
        .filter(m -> !m.equals(leaving) && view.healthy().contains(m.name()))
        .min(
            Comparator.<RosterEntry, Boolean>comparing(m -> !wanted(m))
                .thenComparing(m -> ordinal(m.name())))
        .map(to -> command(new EtcdCommand.MoveLeader(leaving.name(), to.id())));
  }

  private boolean majorityWithout(RosterEntry leaving) {
    List<RosterEntry> rest =
        roster.stream().filter(RosterEntry::voter).filter(m -> !m.equals(leaving)).toList();
    long healthy = rest.stream().filter(m -> view.healthy().contains(m.name())).count();
    return healthy > rest.size() / 2;
  }

  private Optional<RosterEntry> learner() {
    return roster.stream().filter(RosterEntry::learner).findFirst();
  }

  private boolean wanted(RosterEntry member) {
    int ordinal = ordinal(member.name());
    return ordinal < view.desired() && member.name().equals(view.name(ordinal));
  }

  private static MembershipStep remove(RosterEntry member) {
    return command(new EtcdCommand.Remove(member.id(), member.name()));
  }

  private static MembershipStep command(EtcdCommand command) {
    return new MembershipStep.Order(command);
  }

  private static MembershipStep wait(String why) {
    return new MembershipStep.Wait(why);
  }

  /** The number at the end of a pod's name; 0 when there is none. */
  public static int ordinal(String name) {
    String digits = name.substring(name.lastIndexOf(DASH) + 1);
    return digits.matches("[0-9]{1,4}") ? Integer.parseInt(digits) : 0;
  }
}
