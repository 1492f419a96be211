package io.aetherflow.operator.upgrade;

import java.util.Optional;

/**
 * One step of an upgrade.
 *
 * @param name as in discovery, for example session-service
 * @param target the image that the resource asks for
 * @param chosen the image that was chosen last; nothing for a component that is new
 */
public record Component(
    String name, Kind kind, String target, Optional<String> chosen, Progress progress) {

  boolean isComplete() {
    return progress instanceof Progress.Complete && chosen.filter(target::equals).isPresent();
  }

  boolean isOutdated() {
    return chosen.filter(image -> !image.equals(target)).isPresent();
  }
}
