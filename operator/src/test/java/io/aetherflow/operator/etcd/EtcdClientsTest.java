package io.aetherflow.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.operator.etcd.EtcdClients.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;

class EtcdClientsTest {
  private final EtcdClients clients = new EtcdClients();

  private static EtcdTarget target(String host, String prefix) {
    return new EtcdTarget(List.of(new EtcdTarget.Member(host, "http://" + host + ":2379")), prefix);
  }

  @Test
  void clustersOfOneEtcdShareAClientWhateverTheirPrefix() throws Exception {
    Connection one = clients.connect(target("shared", "/clusters/one"));
    Connection two = clients.connect(target("shared", "/clusters/two"));
    Connection elsewhere = clients.connect(target("other", "/clusters/one"));

    assertThat(two.client()).isSameAs(one.client());
    assertThat(elsewhere.client()).isNotSameAs(one.client());
    elsewhere.close();
    two.close();
    assertThat(clients.connect(target("shared", "")).client()).isSameAs(one.client());
  }

  @Test
  void aClientThatIsGivenUpStaysWithThoseWhoHaveItAndGoesToNobodyElse() throws Exception {
    Connection one = clients.connect(target("shared", "/clusters/one"));
    Connection two = clients.connect(target("shared", "/clusters/two"));

    one.giveUp();
    Connection again = clients.connect(target("shared", "/clusters/one"));
    assertThat(again.client()).isNotSameAs(two.client());
    two.giveUp();
    Connection twoAgain = clients.connect(target("shared", "/clusters/two"));
    assertThat(twoAgain.client()).as("the replacement is kept").isSameAs(again.client());
  }

  @Test
  void theLastOneEndsTheClient() throws Exception {
    Connection one = clients.connect(target("shared", ""));
    Connection two = clients.connect(target("shared", ""));
    one.close();
    two.close();

    Connection three = clients.connect(target("shared", ""));
    assertThat(three.client()).isNotSameAs(one.client());
    three.close();
  }
}
