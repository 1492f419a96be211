package io.aetherflow.local.node;

import io.aetherflow.local.server.PodLogs;
import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The files that containers write to: {@code NAMESPACE_POD_CONTAINER.log}. */
public final class LogFiles implements PodLogs {
  /** Caps what a chatty container can put on the disk; the kubelet's default is of this order. */
  private static final long FILE_BYTES_MAX = 16 << 20;

  private static final int BLOCK_BYTES = 8192;

  private final Path directory;
  private Objects objects;

  public LogFiles(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /** Where pods are looked up; before, every request is refused. */
  public void connect(Objects present) {
    objects = present;
  }

  Path of(Pod pod, String container) {
    return of(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), container);
  }

  private Path of(String namespace, String pod, String container) {
    return directory.resolve(namespace + "_" + pod + "_" + container + ".log");
  }

  /** The log of the run before. */
  static Path previous(Path log) {
    return log.resolveSibling(
        log.getFileName().toString().replaceFirst("\\.log$", ".previous.log"));
  }

  /** Cuts a log that has grown too long: what it held becomes the previous log. */
  static void bound(Path log) throws IOException {
    if (Files.exists(log) && Files.size(log) > FILE_BYTES_MAX) {
      Files.copy(log, previous(log), StandardCopyOption.REPLACE_EXISTING);
      // The writer appends, so it goes on at the new end.
      try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
    }
  }

  /** The end of a log; empty when there is none. */
  static String tail(Path log, int bytesMax) throws IOException {
    if (!Files.exists(log)) {
      return "";
    }
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      byte[] end = new byte[(int) Math.min(bytesMax, file.length())];
      file.seek(file.length() - end.length);
      file.readFully(end);
      return new String(end, StandardCharsets.UTF_8);
    }
  }

  void delete(Pod pod) throws IOException {
    String prefix = pod.getMetadata().getNamespace() + "_" + pod.getMetadata().getName() + "_";
    try (Stream<Path> logs = Files.list(directory)) {
      for (Path log : logs.toList()) {
        if (log.getFileName().toString().startsWith(prefix)) {
          Files.deleteIfExists(log);
        }
      }
    }
  }

  @Override
  public InputStream open(Request request) throws IOException {
    String container = container(request);
    Path log = of(request.namespace(), request.pod(), container);
    Path wanted = request.previous() ? previous(log) : log;
    if (!Files.exists(wanted)) {
      if (request.previous()) {
        throw new IOException(
            "previous terminated container \""
                + container
                + "\" in pod \""
                + request.pod()
                + "\" not found");
      }
      if (!request.follow()) {
        return new ByteArrayInputStream(new byte[0]);
      }
    }
    boolean follow = request.follow() && !request.previous();
    BooleanSupplier runs = () -> follow && runs(request.namespace(), request.pod(), container);
    FollowedFile stream = new FollowedFile(wanted, runs);
    if (request.tailLines().isPresent() && Files.exists(wanted)) {
      stream.skipTo(tailOffset(wanted, request.tailLines().getAsLong()));
    }
    return stream;
  }

  private Pod pod(String namespace, String name) throws IOException {
    if (objects == null) {
      throw new IOException("the node is starting; try again in a moment");
    }
    return objects
        .find(Pod.class, namespace, name)
        .orElseThrow(() -> new IOException("pods \"" + name + "\" not found"));
  }

  private String container(Request request) throws IOException {
    List<String> names =
        pod(request.namespace(), request.pod()).getSpec().getContainers().stream()
            .map(Container::getName)
            .toList();
    if (request.container().isEmpty() && names.size() > 1) {
      throw new IOException(
          "a container name must be specified for pod "
              + request.pod()
              + ", choose one of: "
              + names);
    }
    String name = request.container().isEmpty() ? names.getFirst() : request.container();
    if (!names.contains(name)) {
      throw new IOException(
          "container " + name + " is not valid for pod " + request.pod() + "; it has " + names);
    }
    return name;
  }

  private boolean runs(String namespace, String name, String container) {
    return objects.find(Pod.class, namespace, name).stream()
        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
        .anyMatch(status ->
            status.getName().equals(container) && status.getState().getTerminated() == null);
  }

  /** Where the last lines begin: looks backwards for line ends, the file's last byte aside. */
  private static long tailOffset(Path log, long lines) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long length = file.length();
      long left = lines;
      byte[] block = new byte[BLOCK_BYTES];
      for (long end = lines == 0 ? 0 : length - 1; end > 0; ) {
        int size = (int) Math.min(block.length, end);
        end -= size;
        file.seek(end);
        file.readFully(block, 0, size);
        for (int i = size - 1; i >= 0; i--) {
          if (block[i] == '\n' && --left == 0) {
            return end + i + 1;
          }
        }
      }
      return lines == 0 ? length : 0;
    }
  }
}
