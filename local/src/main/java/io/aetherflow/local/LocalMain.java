package io.aetherflow.local;

import io.aetherflow.local.controllers.Controllers;
import io.aetherflow.local.install.Installer;
import io.aetherflow.local.node.Account;
import io.aetherflow.local.node.Images;
import io.aetherflow.local.node.LogFiles;
import io.aetherflow.local.node.Networks;
import io.aetherflow.local.node.Node;
import io.aetherflow.local.node.NodeOptions;
import io.aetherflow.local.node.SmallFiles;
import io.aetherflow.local.server.ApiServer;
import io.aetherflow.local.server.ApiServerOptions;
import io.aetherflow.local.server.Audit;
import io.aetherflow.local.server.AuditFile;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Kubernetes on one machine in one JVM: API, controllers and node. SIGTERM ends every pod in order
 * and keeps all objects; after any other end the next start takes over the pods that still run.
 */
@Command(name = "serve")
public final class LocalMain implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(LocalMain.class);

  @Option(names = "--state", required = true)
  private Path state;

  @Option(names = "--images", required = true)
  private Path images;

  @Option(names = "--install", required = true)
  private Path install;

  @Option(names = "--app-home", required = true)
  private Path appHome;

  @Option(names = "--audit", description = "file to append every request to write to")
  private Path audit;

  public static void main(String[] args) {
    int code =
        new CommandLine(new LocalMain())
            .setExecutionExceptionHandler((e, line, parsed) -> {
              LOG.error("cannot start: {}", e.getMessage(), e instanceof IOException ? null : e);
              return 1;
            })
            .execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Clock clock = Clock.systemUTC();
    state = Files.createDirectories(state).toRealPath();
    Networks networks = Networks.claim(state);
    LogFiles logs = new LogFiles(state.resolve("logs"));
    Audit writes = audit == null ? Audit.NONE : new AuditFile(audit, clock);
    ApiServer api =
        openApi(new ApiServerOptions(state, lastPort(), networks.services(), logs, clock, writes));
    new Installer(api.objects().resources()).install(install);
    Controllers controllers = Controllers.start(api.objects(), state.resolve("volumes"), clock);
    Node node = Node.start(api.objects(), nodeOptions(api, networks, logs, clock));
    api.serve();
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("stop")
                .unstarted(() ->
                    new Shutdown()
                        .then("the controllers", controllers)
                        .then("the node", node::stop)
                        .then("the API", api)
                        .then("the audit, which the API wrote to", writes)
                        .then("the program", ended::countDown)
                        .run()));
    // Without its supervisor nobody could stop it, so it stops itself.
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(0)));
    LOG.info("local Kubernetes serves on 127.0.0.1:{}", api.port());
    ended.await();
    return 0;
  }

  /** Running pods know the API by its port, so a restart keeps it where it can. */
  private int lastPort() throws IOException {
    return SmallFiles.read(state.resolve("api.port")).orElse(0);
  }

  private static ApiServer openApi(ApiServerOptions options) throws IOException {
    try {
      return ApiServer.prepare(options);
    } catch (IOException e) {
      if (options.port() == 0 || !isTaken(e)) {
        throw e;
      }
      LOG.warn("port {} is taken by another program; choosing a new one", options.port());
      return ApiServer.prepare(options.withPort(0));
    }
  }

  private static boolean isTaken(Throwable error) {
    return error instanceof BindException || error.getCause() != null && isTaken(error.getCause());
  }

  private NodeOptions nodeOptions(ApiServer api, Networks networks, LogFiles logs, Clock clock)
      throws IOException {
    Path home = appHome.toRealPath();
    return new NodeOptions(
        state,
        networks.pods(),
        Images.read(images, home),
        logs,
        hidden(home, Path.of(System.getProperty("java.home")).toRealPath()),
        (namespace, account) -> new Account(api.tokens().issue(namespace, account), api.caPem()),
        Map.of(
            "KUBERNETES_SERVICE_HOST",
            "127.0.0.1",
            "KUBERNETES_SERVICE_PORT",
            Integer.toString(api.port())),
        clock);
  }

  /** Those that a container would not see: its user may not pass, or its own /tmp is over them. */
  private static List<Path> hidden(Path... programs) throws IOException {
    List<Path> hidden = new ArrayList<>();
    for (Path program : programs) {
      boolean covered = program.startsWith("/tmp");
      for (Path step = program; step != null && !covered; step = step.getParent()) {
        covered = !Files.getPosixFilePermissions(step).contains(PosixFilePermission.OTHERS_EXECUTE);
      }
      if (covered) {
        hidden.add(program);
      }
    }
    return hidden;
  }
}
