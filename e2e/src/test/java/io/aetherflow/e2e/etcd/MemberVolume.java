package io.aetherflow.e2e.etcd;

import io.aetherflow.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The directory that holds a member's data on a local cluster. */
public final class MemberVolume {
  private final Path directory;

  private MemberVolume(Path directory) {
    this.directory = directory;
  }

  /**
   * @param member name of its pod
   */
  public static MemberVolume of(Cluster cluster, String member) {
    String name =
        cluster
            .client()
            .persistentVolumeClaims()
            .inNamespace(Cluster.NAMESPACE)
            .withName("data-" + member)
            .get()
            .getSpec()
            .getVolumeName();
    PersistentVolume volume = cluster.client().persistentVolumes().withName(name).get();
    return new MemberVolume(Path.of(volume.getSpec().getHostPath().getPath()));
  }

  /** Removes everything that the member wrote. */
  public void wipe() throws IOException {
    try (Stream<Path> tree = Files.walk(directory.resolve("data"))) {
      for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
