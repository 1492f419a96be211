package io.aetherflow.operator.upgrade;

import java.util.Map;

/**
 * What an upgrade comes to at one moment.
 *
 * @param images the image of each component, by its name
 */
public record UpgradePlan(Map<String, String> images, UpgradeState state) {
  public UpgradePlan {
    images = Map.copyOf(images);
  }
}
