/** Who owns which shard, and the shards this instance owns. */
package io.aetherflow.statesync.shard;
