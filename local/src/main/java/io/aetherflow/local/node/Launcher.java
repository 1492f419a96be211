package io.aetherflow.local.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Turns a container into a process in a mount namespace of its own. */
final class Launcher {
  private static final String SCRIPT = "enter.sh";

  private final Path script;
  private final boolean privileged;
  private final List<Path> programs;

  /**
   * One start.
   *
   * @param directory the container's own, for its record and root
   * @param log gets its output
   */
  record Launch(
      Path directory,
      String hostname,
      Owner owner,
      String workingDirectory,
      boolean readOnlyRoot,
      List<Mount> mounts,
      Map<String, String> env,
      List<String> command,
      Path log) {}

  /**
   * @param directory where the entering script is kept
   * @param programs directories that every container sees, though the host may close the way to
   *     them to the container's user
   */
  Launcher(Path directory, boolean privileged, List<Path> programs) throws IOException {
    this.script = Files.createDirectories(directory).resolve(SCRIPT);
    this.privileged = privileged;
    this.programs = List.copyOf(programs);
    try (InputStream text = Launcher.class.getResourceAsStream(SCRIPT)) {
      Files.copy(text, script, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  PodProcess start(Launch launch) throws IOException {
    Path root = Files.createDirectories(launch.directory().resolve("root"));
    List<Mount> mounts = new ArrayList<>(launch.mounts());
    programs.forEach(path -> mounts.add(new Mount(true, path, path.toString())));
    Path list = launch.directory().resolve("mounts");
    Files.writeString(list, mounts.stream().map(Mount::line).collect(Collectors.joining()));
    List<String> command = new ArrayList<>(List.of("setsid", "unshare"));
    if (!privileged) {
      command.addAll(List.of("--user", "--map-root-user"));
    }
    command.addAll(List.of("--mount", "--uts", "--propagation", "private", "sh"));
    command.add(script.toString());
    command.add(root.toString());
    command.add(launch.hostname());
    command.add(launch.owner().argument());
    command.add(launch.workingDirectory());
    command.add(launch.readOnlyRoot() ? "ro" : "rw");
    command.add(list.toString());
    command.addAll(launch.command());
    Map<String, String> env = new LinkedHashMap<>();
    env.put("PATH", System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"));
    env.put("HOME", "/");
    env.put("HOSTNAME", launch.hostname());
    env.putAll(launch.env());
    keepLastRun(launch.log());
    return PodProcess.start(command, env, launch.log(), record(launch.directory()));
  }

  static Path record(Path containerDirectory) {
    return containerDirectory.resolve("pid");
  }

  private static void keepLastRun(Path log) throws IOException {
    if (Files.exists(log)) {
      Files.move(log, LogFiles.previous(log), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
