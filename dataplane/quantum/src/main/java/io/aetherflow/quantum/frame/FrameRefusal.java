package io.aetherflow.quantum.frame;

/** What {@link FrameReader#read} says about a payload. */
public enum FrameRefusal {
  /** Not refused. */
  NONE,
  /** A type byte that this version does not know. */
  UNKNOWN_TYPE,
  /** The payload ends inside a frame. */
  TRUNCATED,
  /** An integer that is not in its shortest form. */
  NOT_CANONICAL,
  /** A field outside the range that the protocol allows. */
  OUT_OF_RANGE,
  /** Longer than {@link FrameLimits} allows. */
  TOO_LONG
}
