package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.SyncResponse;

/** Who follows a document. Called on the loop; must not block. */
public interface Subscriber {
  /** The operations that became durable last, contiguous with those before. */
  void operations(DocumentState document, SyncResponse batch);

  void presence(DocumentState document, SyncResponse presence);

  /** The document is no longer served here; the subscription has ended. */
  void moved(String document);
}
