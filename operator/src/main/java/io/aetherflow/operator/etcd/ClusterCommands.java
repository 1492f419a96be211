package io.aetherflow.operator.etcd;

import static io.aetherflow.operator.etcd.Calls.await;

import io.aetherflow.api.EtcdKeys;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.cluster.Member;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and changes etcd's member list. Blocks like {@link TuningStore}, with the same bound. */
final class ClusterCommands {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterCommands.class);

  /** Leased, every one: where pods are, what they confirm, what they hold. */
  private static final List<String> OF_PODS =
      List.of(EtcdKeys.SERVICES, EtcdKeys.MEMBERS, EtcdKeys.STATUS, EtcdKeys.LOCKS);

  private final Client client;
  private final MemberClients memberClient;

  /** Opens a client of one member, by name. */
  interface MemberClients {
    Client apply(String member) throws EtcdException;
  }

  /**
   * @param memberClient a client of one member alone, by name: leadership is handed over by the
   *     leader itself; closed after use
   */
  ClusterCommands(Client client, MemberClients memberClient) {
    this.client = client;
    this.memberClient = memberClient;
  }

  /** The member list, in order of names. */
  List<RosterEntry> roster() throws EtcdException, InterruptedException {
    return await("list its members", cluster().listMember()).getMembers().stream()
        .map(ClusterCommands::entry)
        .sorted(Comparator.comparing(RosterEntry::name).thenComparing(RosterEntry::id))
        .toList();
  }

  private static RosterEntry entry(Member member) {
    URI peer = member.getPeerURIs().isEmpty() ? null : member.getPeerURIs().getFirst();
    String host = peer == null || peer.getHost() == null ? "" : peer.getHost();
    int dot = host.indexOf('.');
    // An address in digits names no pod; the member's own name is all there is then.
    boolean named = dot > 0 && !Character.isDigit(host.charAt(0));
    return new RosterEntry(
        Long.toHexString(member.getId()),
        named ? host.substring(0, dot) : member.getName(),
        peer == null ? "" : peer.toString(),
        member.isLearner(),
        !member.getClientURIs().isEmpty());
  }

  /** Carries an order out; one that is carried out already changes nothing. */
  void run(EtcdCommand command) throws EtcdException, InterruptedException {
    List<RosterEntry> before = roster();
    switch (command) {
      case EtcdCommand.AddLearner add -> {
        if (before.stream().noneMatch(m -> m.peerUrl().equals(add.peerUrl()))) {
          await("add " + add.name(), cluster().addMember(List.of(URI.create(add.peerUrl())), true));
        }
      }
      case EtcdCommand.Promote promote -> {
        if (before.stream().anyMatch(m -> m.id().equals(promote.id()) && m.learner())) {
          await("promote " + promote.name(), cluster().promoteMember(id(promote.id())));
        }
      }
      case EtcdCommand.Remove remove -> {
        if (before.stream().anyMatch(m -> m.id().equals(remove.id()))) {
          await("remove " + remove.name(), cluster().removeMember(id(remove.id())));
        }
      }
      case EtcdCommand.ForgetPods forget -> forgetPods();
      case EtcdCommand.MoveLeader move -> {
        try (Client leader = memberClient.apply(move.from())) {
          await(
              "move leadership away from " + move.from(),
              leader.getMaintenanceClient().moveLeader(id(move.toId())));
        }
      }
    }
    LOG.atInfo().addKeyValue("action", "etcd_membership").log("{} done", command);
  }

  private void forgetPods() throws EtcdException, InterruptedException {
    DeleteOption below = DeleteOption.builder().isPrefix(true).build();
    Op[] deletions =
        OF_PODS.stream()
            .map(prefix -> Op.delete(TuningStore.bytes(prefix), below))
            .toArray(Op[]::new);
    await("forget the pods of its origin", client.getKVClient().txn().Then(deletions).commit());
  }

  private Cluster cluster() {
    return client.getClusterClient();
  }

  private static long id(String hex) {
    return Long.parseUnsignedLong(hex, 16);
  }
}
