package io.aetherflow.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The processes of one local cluster, found through {@code /proc} by the name of its state
 * directory, so that no other cluster's or user's process is ever taken for one of them.
 */
public final class Processes {
  private static final Path PROC = Path.of("/proc");

  private final Path state;

  Processes(Path state) {
    this.state = state;
  }

  /**
   * Everything that names the state directory in its command, environment or output, and its
   * children.
   */
  public List<Proc> all() {
    Set<Long> testers = selfAndAncestors();
    List<Proc> candidates =
        everyProcess().stream().filter(each -> !testers.contains(each.pid())).toList();
    Set<Long> ours = new HashSet<>();
    for (Proc each : candidates) {
      if (each.mentions(state.toString())) {
        ours.add(each.pid());
      }
    }
    boolean grew = true;
    while (grew) {
      grew = false;
      for (Proc each : candidates) {
        grew |= ours.contains(each.parent()) && ours.add(each.pid());
      }
    }
    return candidates.stream().filter(each -> ours.contains(each.pid())).toList();
  }

  /** The test's own JVM and Maven name the directory too when it was given as an option. */
  private static Set<Long> selfAndAncestors() {
    Set<Long> pids = new HashSet<>();
    Optional<ProcessHandle> each = Optional.of(ProcessHandle.current());
    while (each.isPresent()) {
      pids.add(each.get().pid());
      each = each.get().parent();
    }
    return pids;
  }

  /** The one process that runs a pod's program, not a wrapper that waits for it. */
  public Proc ofPod(Pod pod) {
    String log =
        state.resolve("logs")
            + "/"
            + pod.getMetadata().getNamespace()
            + "_"
            + pod.getMetadata().getName()
            + "_";
    List<Proc> found =
        all().stream()
            .filter(each -> each.output().startsWith(log))
            .filter(Proc::isProgram)
            .toList();
    if (found.size() != 1) {
      throw new AssertionError(
          "expected one process writing to " + log + "*, found " + found + " among " + all());
    }
    return found.getFirst();
  }

  /** The JVM that is the local Kubernetes itself. */
  public Optional<Proc> server() {
    return all().stream()
        .filter(each -> each.command().contains("io.aetherflow.local.LocalMain"))
        .filter(Proc::isProgram)
        .findFirst();
  }

  /** Mounts of this namespace that lie under the state directory. */
  public List<String> mounts() throws IOException {
    return Files.readAllLines(PROC.resolve("self/mounts")).stream()
        .filter(line -> line.contains(state.toString()))
        .toList();
  }

  private static List<Proc> everyProcess() {
    List<Proc> found = new ArrayList<>();
    try (Stream<ProcessHandle> handles = ProcessHandle.allProcesses()) {
      handles.forEach(handle -> Proc.read(handle.pid()).ifPresent(found::add));
    }
    return found;
  }

  /**
   * A process as {@code /proc} shows it.
   *
   * @param output where its standard output goes
   */
  public record Proc(
      long pid, long parent, String program, String command, String environment, String output) {

    static Optional<Proc> read(long pid) {
      try {
        String status = text(pid, "status");
        long parent = Long.parseLong(status.replaceAll("(?s).*\\nPPid:\\s*(\\d+).*", "$1"));
        if (status.contains("State:\tZ")) {
          return Optional.empty();
        }
        return Optional.of(
            new Proc(
                pid,
                parent,
                link(pid, "exe"),
                text(pid, "cmdline").replace('\0', ' '),
                text(pid, "environ").replace('\0', '\n'),
                link(pid, "fd/1")));
      } catch (IOException e) {
        return Optional.empty();
      }
    }

    boolean mentions(String path) {
      return command.contains(path) || environment.contains(path) || output.startsWith(path);
    }

    public boolean isJvm() {
      return program.endsWith("/java");
    }

    boolean isProgram() {
      return isJvm() || program.endsWith("/etcd");
    }

    /** SIGKILL to this process alone. */
    public void kill() {
      signal("-KILL").ok();
    }

    /** SIGSTOP: it keeps its memory and its sockets and does nothing. */
    public void pause() {
      signal("-STOP").ok();
    }

    public void resume() {
      signal("-CONT").ok();
    }

    private Command.Result signal(String name) {
      return Command.run(
          List.of("kill", name, Long.toString(pid)), Map.of(), "", Duration.ofSeconds(5));
    }

    /** Whether this very process lives; a zombie does not. */
    public boolean isAlive() {
      return read(pid).filter(now -> now.program.equals(program)).isPresent();
    }

    /** Whether SIGSTOP has taken effect. */
    public boolean isPaused() {
      try {
        return text(pid, "status").contains("\nState:\tT");
      } catch (IOException e) {
        return false;
      }
    }

    /** Bytes of memory, shared pages counted in proportion; 0 when the process has gone. */
    public long pssBytes() {
      try {
        return text(pid, "smaps_rollup")
            .lines()
            .filter(line -> line.startsWith("Pss:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
            .sum();
      } catch (IOException e) {
        return 0;
      }
    }

    /** Clock ticks of CPU used by it and by children it has waited for; 0 when it has gone. */
    public long cpuTicks() {
      try {
        String stat = text(pid, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = 0;
        for (int field = 11; field <= 14; field++) {
          ticks += Long.parseLong(fields[field]);
        }
        return ticks;
      } catch (IOException e) {
        return 0;
      }
    }

    @Override
    public String toString() {
      return pid + " " + command.strip();
    }

    private static String text(long pid, String file) throws IOException {
      return new String(
          Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve(file)),
          StandardCharsets.UTF_8);
    }

    private static String link(long pid, String file) {
      try {
        return Files.readSymbolicLink(PROC.resolve(Long.toString(pid)).resolve(file)).toString();
      } catch (IOException e) {
        return "";
      }
    }
  }
}
