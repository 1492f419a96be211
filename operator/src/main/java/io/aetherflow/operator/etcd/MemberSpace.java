package io.aetherflow.operator.etcd;

/**
 * How full one member's database is.
 *
 * @param serving whether it answers and follows a leader
 * @param fileBytes on disk
 * @param usedBytes of it that hold data; the rest is what a defragmentation gives back
 * @param noSpace whether it has said that its quota is reached
 */
record MemberSpace(
    String name, boolean serving, boolean leader, long fileBytes, long usedBytes, boolean noSpace) {

  long freeBytes() {
    return fileBytes - usedBytes;
  }
}
