/** Operations that left the log: chunks per document, and what else is needed of them. */
package io.aetherflow.statesync.archive;
