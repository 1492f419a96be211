package io.aetherflow.operator.upgrade;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which changes of version cannot work. While an upgrade rolls, pods of both versions talk to each
 * other, and they understand each other across one minor version. Images whose tags are no
 * versions, or that come from elsewhere, are their owner's business.
 */
final class VersionSkew {
  private VersionSkew() {}

  /** Why this must not begin, or nothing. */
  static Optional<String> refusal(List<Component> components) {
    return Stream.concat(
            components.stream().flatMap(each -> jump(each).stream()), mix(components).stream())
        .findFirst();
  }

  private static Optional<String> jump(Component component) {
    if (component.kind() == Kind.OWN_SERVICE
        || component.kind() == Kind.KEEPER
        || !component.isOutdated()) {
      return Optional.empty();
    }
    Optional<ImageVersion> from = component.chosen().flatMap(ImageVersion::of);
    Optional<ImageVersion> to = ImageVersion.of(component.target());
    if (from.isEmpty() || to.isEmpty() || !from.get().program().equals(to.get().program())) {
      return Optional.empty();
    }
    String change = component.name() + " from " + from.get().text() + " to " + to.get().text();
    if (!from.get().isNextTo(to.get())) {
      return Optional.of(
          change + " is more than one minor version at once; go through each in between");
    }
    // Until then a roll can be reverted; should etcd know better, its first member refuses to
    // start.
    boolean settled = component.progress() instanceof Progress.Complete;
    if (component.kind() == Kind.ETCD && settled && to.get().isBefore(from.get())) {
      return Optional.of(
          change
              + " cannot be done: once all members run a version, etcd's data is of that version;"
              + " restore a snapshot into a new cluster instead");
    }
    return Optional.empty();
  }

  /** Two of our programs that would not understand each other. */
  private static Optional<String> mix(List<Component> components) {
    List<Component> ours =
        components.stream()
            .filter(each -> each.kind() == Kind.SERVICE || each.kind() == Kind.GATEWAY)
            .filter(each -> ImageVersion.of(each.target()).isPresent())
            .filter(VersionSkew::isOurs)
            .toList();
    if (ours.stream().noneMatch(Component::isOutdated)) {
      return Optional.empty();
    }
    for (Component one : ours) {
      for (Component other : ours) {
        ImageVersion first = ImageVersion.of(one.target()).orElseThrow();
        ImageVersion second = ImageVersion.of(other.target()).orElseThrow();
        if (!first.isNextTo(second)) {
          return Optional.of(
              one.name()
                  + " "
                  + first.text()
                  + " and "
                  + other.name()
                  + " "
                  + second.text()
                  + " are more than one minor version apart and cannot talk to each other");
        }
      }
    }
    return Optional.empty();
  }

  /** {@code session-service} is the program {@code session}, {@code api-gateway} is gateway. */
  private static boolean isOurs(Component component) {
    return ImageVersion.of(component.target())
        .filter(version -> component.name().contains(version.program()))
        .isPresent();
  }
}
