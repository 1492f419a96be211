package io.aetherflow.operator.upgrade;

/** How a component does with the image that was chosen for it last. */
public sealed interface Progress {

  /** All its pods run that image, are healthy and have confirmed the tuning. */
  record Complete() implements Progress {}

  /**
   * Not yet.
   *
   * @param how one clause
   */
  record Underway(String how) implements Progress {}

  /**
   * It will not become complete without somebody's help.
   *
   * @param why one clause
   */
  record Failed(String why) implements Progress {}
}
