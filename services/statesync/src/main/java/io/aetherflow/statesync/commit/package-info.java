/** Group commit: many shards' operations in one append. Everything runs on the loop. */
package io.aetherflow.statesync.commit;
