package io.aetherflow.operator.upgrade;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version that an image's tag tells.
 *
 * @param program last part of the repository, which a mirror keeps
 */
record ImageVersion(String program, int major, int minor) {
  private static final Pattern IMAGE =
      Pattern.compile(
          "(?:.*/)?([^/:@]+):v?(\\d{1,6})\\.(\\d{1,6})\\.\\d{1,6}(?:[-+._].*)?(?:@.*)?");

  /** Nothing when the tag is no version. */
  static Optional<ImageVersion> of(String image) {
    Matcher matcher = IMAGE.matcher(image);
    return matcher.matches()
        ? Optional.of(
            new ImageVersion(
                matcher.group(1),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))))
        : Optional.empty();
  }

  /** At most one minor version apart; the first of a major version is next to all of the last. */
  boolean isNextTo(ImageVersion other) {
    if (major == other.major) {
      return Math.abs(minor - other.minor) <= 1;
    }
    ImageVersion later = major > other.major ? this : other;
    return Math.abs(major - other.major) == 1 && later.minor == 0;
  }

  boolean isBefore(ImageVersion other) {
    return major < other.major || major == other.major && minor < other.minor;
  }

  String text() {
    return major + "." + minor;
  }
}
