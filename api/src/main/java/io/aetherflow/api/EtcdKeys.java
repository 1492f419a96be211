package io.aetherflow.api;

/**
 * Every etcd key AetherFlow uses, relative to the cluster's optional prefix (jetcd's namespace).
 *
 * <p>The layout under {@code /services}, {@code /config} and {@code /locks} is the published
 * contract of the original design; {@code /status}, {@code /members}, {@code /owners}, {@code
 * /shards}, {@code /logs}, {@code /archive}, {@code /versions}, {@code /docs} and {@code /sessions}
 * are ours.
 */
public final class EtcdKeys {
  /** Discovery; leased. */
  public static final String SERVICES = "/services/";

  /** Everything the operator publishes, always rewritten as a whole in one transaction. */
  public static final String CONFIG = "/config/";

  public static final String CONFIG_QUANTUM = CONFIG + "quantum/";
  public static final String CONFIG_LOGGING_LEVEL = CONFIG + "logging/level";

  /** Locks; leased. */
  public static final String LOCKS = "/locks/";

  /** Held while the operator writes {@link #CONFIG}. */
  public static final String LOCK_CONFIG_UPDATE = LOCKS + "config-update";

  public static final String LOCK_STATE_COMPACTION = LOCKS + "state-compaction";

  /** What pods say of themselves. */
  public static final String STATUS = "/status/";

  /** Leased acknowledgements of the tuning revision, pods to operator. */
  public static final String STATUS_QUANTUM = STATUS + "quantum/";

  /** What the keeper of etcd's snapshots told last, for the operator. */
  public static final String STATUS_ETCD_BACKUP = STATUS + "etcd-backup";

  /** Leased membership of statesync instances: the candidates for shard ownership. */
  public static final String MEMBERS = "/members/";

  /** Which member owns each shard; a key's mod revision is the shard's epoch. */
  public static final String OWNERS = "/owners/";

  /** What is needed of documents whose operations left the log, by shard. */
  public static final String SHARDS = "/shards/";

  /** The operation logs: one per statesync process, and where each shard's part begins. */
  public static final String LOGS = "/logs/";

  /** Operations that left the log, and states that replace them, by document. */
  public static final String ARCHIVE = "/archive/";

  /** Named versions of documents. */
  public static final String VERSIONS = "/versions/";

  public static final String DOCS = "/docs/";
  public static final String SESSIONS = "/sessions/";

  private EtcdKeys() {}

  /** Where one instance of a service says how to reach it, as {@code ip:port}. */
  public static String instance(String service, String instance) {
    return SERVICES + segment(service) + "/" + segment(instance);
  }

  /** Prefix of all instances of a service. */
  public static String instances(String service) {
    return SERVICES + segment(service) + "/";
  }

  /** Where one pod confirms the tuning it runs; value is {@link AppliedTuning} as JSON. */
  public static String appliedTuning(String service, String instance) {
    return STATUS_QUANTUM + segment(service) + "/" + segment(instance);
  }

  private static String segment(String name) {
    if (name.isEmpty() || name.indexOf('/') >= 0) {
      throw new IllegalArgumentException("not a key segment: '" + name + "'");
    }
    return name;
  }
}
