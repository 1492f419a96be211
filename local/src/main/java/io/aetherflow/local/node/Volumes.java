package io.aetherflow.local.node;

import io.aetherflow.local.node.DataDirectory.Entry;
import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A pod's volumes as directories of this machine. */
final class Volumes {
  private static final String ACCOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
  private static final int WRITABLE_BY_ALL = 0777;
  private static final int DEFAULT_MODE = 0644;
  private static final int TOKEN_MODE = 0640;

  private final Objects objects;
  private final Pod pod;
  private final Path directory;
  private final Account account;
  private final Owner owner;

  Volumes(Objects objects, Pod pod, Path directory, Account account, Owner owner) {
    this.objects = objects;
    this.pod = pod;
    this.directory = directory;
    this.account = account;
    this.owner = owner;
  }

  /**
   * Makes or refreshes every volume.
   *
   * @throws ConfigProblem when something that is not optional is missing, or a kind is unknown here
   */
  void prepare() throws ConfigProblem, IOException {
    for (Volume volume : pod.getSpec().getVolumes()) {
      prepare(volume);
    }
    if (mountsAccount()) {
      Map<String, Entry> files = new TreeMap<>();
      files.put("token", text(account.token(), TOKEN_MODE));
      files.put("ca.crt", text(account.caPem(), DEFAULT_MODE));
      files.put("namespace", text(namespace(), DEFAULT_MODE));
      new DataDirectory(accountDirectory(), owner).write(files);
    }
  }

  private void prepare(Volume volume) throws ConfigProblem, IOException {
    Path path = directory.resolve(volume.getName());
    if (volume.getEmptyDir() != null) {
      Files.createDirectories(path);
      DataDirectory.mode(path, WRITABLE_BY_ALL);
    } else if (volume.getConfigMap() != null) {
      var source = volume.getConfigMap();
      int mode = source.getDefaultMode() == null ? DEFAULT_MODE : source.getDefaultMode();
      Map<String, byte[]> data =
          configMap(source.getName(), Boolean.TRUE.equals(source.getOptional()));
      new DataDirectory(path, owner).write(files(data, source.getItems(), mode, volume.getName()));
    } else if (volume.getSecret() != null) {
      var source = volume.getSecret();
      int mode = source.getDefaultMode() == null ? DEFAULT_MODE : source.getDefaultMode();
      Map<String, byte[]> data =
          secret(source.getSecretName(), Boolean.TRUE.equals(source.getOptional()));
      new DataDirectory(path, owner).write(files(data, source.getItems(), mode, volume.getName()));
    } else if (volume.getPersistentVolumeClaim() != null) {
      claimed(volume.getPersistentVolumeClaim().getClaimName());
    } else {
      throw new ConfigProblem(
          "volume \""
              + volume.getName()
              + "\" is of a kind that the local node does not have; it has emptyDir, configMap,"
              + " secret and persistentVolumeClaim");
    }
  }

  private static Map<String, Entry> files(
      Map<String, byte[]> data, List<KeyToPath> items, int mode, String volume)
      throws ConfigProblem {
    Map<String, Entry> files = new TreeMap<>();
    if (items == null || items.isEmpty()) {
      data.forEach((key, content) -> files.put(key, new Entry(content, mode)));
      return files;
    }
    for (KeyToPath item : items) {
      byte[] content = data.get(item.getKey());
      if (content == null) {
        throw new ConfigProblem(
            "volume \"" + volume + "\" references non-existent key: " + item.getKey());
      }
      files.put(item.getPath(), new Entry(content, item.getMode() == null ? mode : item.getMode()));
    }
    return files;
  }

  private Map<String, byte[]> configMap(String name, boolean optional) throws ConfigProblem {
    Optional<ConfigMap> found = objects.find(ConfigMap.class, namespace(), name);
    if (found.isEmpty() && !optional) {
      throw new ConfigProblem("configmap \"" + name + "\" not found");
    }
    Map<String, byte[]> data = new TreeMap<>();
    found.ifPresent(map -> {
      if (map.getData() != null) {
        map.getData()
            .forEach((key, value) -> data.put(key, value.getBytes(StandardCharsets.UTF_8)));
      }
      if (map.getBinaryData() != null) {
        map.getBinaryData()
            .forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value)));
      }
    });
    return data;
  }

  private Map<String, byte[]> secret(String name, boolean optional) throws ConfigProblem {
    Optional<Secret> found = objects.find(Secret.class, namespace(), name);
    if (found.isEmpty() && !optional) {
      throw new ConfigProblem("secret \"" + name + "\" not found");
    }
    Map<String, byte[]> data = new TreeMap<>();
    found
        .map(Secret::getData)
        .ifPresent(
            all -> all.forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value))));
    return data;
  }

  private Path claimed(String claim) throws ConfigProblem {
    PersistentVolumeClaim found =
        objects
            .find(PersistentVolumeClaim.class, namespace(), claim)
            .orElseThrow(
                () -> new ConfigProblem("persistentvolumeclaim \"" + claim + "\" not found"));
    String name = found.getSpec().getVolumeName();
    Optional<PersistentVolume> volume =
        name == null ? Optional.empty() : objects.find(PersistentVolume.class, null, name);
    return volume
        .map(bound -> Path.of(bound.getSpec().getHostPath().getPath()))
        .orElseThrow(
            () -> new ConfigProblem("persistentvolumeclaim \"" + claim + "\" is not bound yet"));
  }

  /** The mounts of one container, parents before what lies inside them. */
  List<Mount> mounts(Container container) throws ConfigProblem {
    List<Mount> mounts = new ArrayList<>();
    for (VolumeMount mount : container.getVolumeMounts()) {
      Path source = source(mount.getName());
      boolean inside = mount.getSubPath() != null && !mount.getSubPath().isEmpty();
      mounts.add(
          new Mount(
              Boolean.TRUE.equals(mount.getReadOnly()),
              inside ? source.resolve(mount.getSubPath()) : source,
              mount.getMountPath()));
    }
    if (mountsAccount()) {
      mounts.add(new Mount(true, accountDirectory(), ACCOUNT_PATH));
    }
    mounts.sort(java.util.Comparator.comparing(Mount::target));
    return mounts;
  }

  private Path source(String name) throws ConfigProblem {
    for (Volume volume : pod.getSpec().getVolumes()) {
      if (volume.getName().equals(name)) {
        return volume.getPersistentVolumeClaim() == null
            ? directory.resolve(name)
            : claimed(volume.getPersistentVolumeClaim().getClaimName());
      }
    }
    throw new ConfigProblem("volumeMount \"" + name + "\" names no volume of the pod");
  }

  boolean mountsAccount() {
    return !Boolean.FALSE.equals(pod.getSpec().getAutomountServiceAccountToken());
  }

  private Path accountDirectory() {
    return directory.resolve("..account");
  }

  private static Entry text(String text, int mode) {
    return new Entry(text.getBytes(StandardCharsets.UTF_8), mode);
  }

  private String namespace() {
    return pod.getMetadata().getNamespace();
  }
}
