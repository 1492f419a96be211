package io.aetherflow.local.server;

import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/** Where container logs come from; the node implements it. */
public interface PodLogs {

  /** A server without a node. */
  PodLogs NONE =
      request -> {
        throw new IOException("no node runs in this process");
      };

  /**
   * One request for a log.
   *
   * @param container empty when the pod has only one
   * @param tailLines only the last lines
   * @param previous of the container's last run
   */
  record Request(
      String namespace,
      String pod,
      String container,
      boolean follow,
      OptionalLong tailLines,
      boolean previous,
      boolean timestamps) {}

  /**
   * Opens a log. With {@code follow} the stream ends when the container does. Reads happen on a
   * worker thread; close ends a blocked read.
   *
   * @throws IOException when there is no such log; the message goes to the client
   */
  InputStream open(Request request) throws IOException;
}
