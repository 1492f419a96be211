package io.aetherflow.operator.backup;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Snapshots in one directory. A file has the name of a snapshot only when it was verified and is on
 * disk; an older one goes only after that. One thread at a time.
 */
final class SnapshotDirectory {
  private static final String PARTIAL = ".partial";
  private static final String DAMAGED = ".damaged";

  private final Path directory;

  SnapshotDirectory(Path directory) {
    this.directory = directory;
  }

  /** Where a snapshot comes from. */
  @FunctionalInterface
  interface Source {
    /**
     * Writes all of it.
     *
     * @throws IOException with a sentence when it does not come, or not to its end
     */
    void writeTo(OutputStream out) throws IOException, InterruptedException;
  }

  /** Newest first. */
  List<SnapshotFile> list() throws IOException {
    List<SnapshotFile> found = new ArrayList<>();
    for (Path path : paths()) {
      SnapshotFile.of(path).ifPresent(found::add);
    }
    found.sort(Comparator.comparing(SnapshotFile::takenAt).reversed());
    return found;
  }

  /**
   * Removes what an earlier process did not finish, and sets aside the newest snapshot if its
   * content has changed since.
   *
   * @return what was set aside
   */
  Optional<String> tidy() throws IOException {
    deletePartials();
    Optional<SnapshotFile> newest = list().stream().findFirst();
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    Path path = directory.resolve(newest.get().name());
    Optional<String> flaw = SnapshotFile.flaw(path);
    if (flaw.isPresent()) {
      Files.move(path, directory.resolve(newest.get().name() + DAMAGED));
    }
    return flaw.map(why -> newest.get().name() + " is damaged: " + why);
  }

  /**
   * Takes one more snapshot and verifies it; only then removes those beyond {@code retention}.
   *
   * @throws IOException when there is none more than before; all earlier ones are still there
   */
  SnapshotFile take(Source source, Instant now, int retention)
      throws IOException, InterruptedException {
    String name = SnapshotFile.nameAt(now);
    Path partial = directory.resolve(name + PARTIAL);
    try {
      try (FileChannel file =
              FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          OutputStream out = new FirstFailure(Channels.newOutputStream(file))) {
        source.writeTo(out);
        file.force(true);
      }
      Optional<String> flaw = SnapshotFile.flaw(partial);
      if (flaw.isPresent()) {
        throw new IOException(flaw.get());
      }
      Files.move(partial, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      forceDirectory();
    } finally {
      Files.deleteIfExists(partial);
    }
    return prune(name, retention);
  }

  /** Never the one just taken; first those that a clock dated later than that one. */
  private SnapshotFile prune(String taken, int retention) throws IOException {
    List<SnapshotFile> all = list();
    SnapshotFile kept =
        all.stream().filter(each -> each.name().equals(taken)).findFirst().orElseThrow();
    List<SnapshotFile> others = new ArrayList<>(all);
    others.remove(kept);
    others.sort(Comparator.comparing(each -> each.takenAt().isAfter(kept.takenAt())));
    for (SnapshotFile old : others.subList(Math.min(retention - 1, others.size()), others.size())) {
      Files.deleteIfExists(directory.resolve(old.name()));
    }
    return kept;
  }

  private void forceDirectory() throws IOException {
    try (FileChannel self = FileChannel.open(directory, StandardOpenOption.READ)) {
      self.force(true);
    }
  }

  private void deletePartials() throws IOException {
    for (Path path : paths()) {
      if (path.toString().endsWith(PARTIAL)) {
        Files.delete(path);
      }
    }
  }

  private List<Path> paths() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.toList();
    }
  }

  /** After one write failed nothing more is written: what followed would only fill the disk. */
  private static final class FirstFailure extends FilterOutputStream {
    private IOException failure;

    FirstFailure(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (failure != null) {
        throw failure;
      }
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
