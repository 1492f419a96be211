package io.aetherflow.statesync.document;

import io.aetherflow.statesync.archive.SnapshotStore;
import io.aetherflow.statesync.archive.VersionStore;
import io.aetherflow.statesync.commit.GroupCommitter;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.loop.Loop;
import java.time.Clock;
import java.util.random.RandomGenerator;

/**
 * What all shards of a process share.
 *
 * @param loop the one thread on which documents change
 */
public record ShardContext(
    OpLog log,
    SnapshotStore snapshots,
    VersionStore versions,
    DocumentStore store,
    GroupCommitter committer,
    Admission admission,
    FoldedMemory folded,
    Totals totals,
    Loop loop,
    Clock clock,
    RandomGenerator random) {}
