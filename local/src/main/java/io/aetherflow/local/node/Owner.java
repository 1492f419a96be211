package io.aetherflow.local.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who a pod's processes and files belong to. Where the node is not root there is one user only, and
 * everything belongs to it.
 *
 * @param privileged whether this JVM may change users
 */
record Owner(boolean privileged, long uid, long gid, long fsGroup) {

  static Owner of(boolean privileged, PodSpec spec, Container container) {
    PodSecurityContext pod = spec.getSecurityContext();
    SecurityContext own = container == null ? null : container.getSecurityContext();
    long uid =
        first(own == null ? null : own.getRunAsUser(), pod == null ? null : pod.getRunAsUser());
    long gid =
        first(own == null ? null : own.getRunAsGroup(), pod == null ? null : pod.getRunAsGroup());
    long fsGroup = first(pod == null ? null : pod.getFsGroup(), gid);
    return new Owner(privileged, uid, gid, fsGroup);
  }

  private static long first(Long a, Long b) {
    if (a != null) {
      return a;
    }
    return b == null ? 0 : b;
  }

  /** {@code uid:gid} for enter.sh, or - for "as it is". */
  String argument() {
    return privileged ? uid + ":" + gid : "-";
  }

  /** Hands a file to the pod's group, as fsGroup does. */
  void give(Path path) throws IOException {
    if (privileged) {
      Files.setAttribute(path, "unix:gid", (int) fsGroup);
    }
  }
}
