package io.aetherflow.runtime.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.runtime.balance.PeakEwmaBalancer.Instance;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PeakEwmaPickerTest {
  private static final int ROUNDS = 6;

  private final Fleet fleet = new Fleet();
  private final List<Instance> instances =
      Stream.generate(() -> new Instance(new Connection(), new Endpoint(fleet, 0)))
          .limit(3)
          .toList();
  private final PeakEwmaPicker picker = new PeakEwmaPicker(instances, () -> 0, new Random(1));

  @Test
  void aHeldQuestionSkipsAnEjectedInstance() {
    fleet.size(instances.size());
    Instance ejected = instances.get(1);
    for (int i = 0; i < Breaker.FAILURES_TO_OPEN; i++) {
      ejected.endpoint.onStart();
      ejected.endpoint.onEnd(Endpoint.Outcome.FAILURE, -1, 0);
    }
    assertThat(fleet.ejected()).isEqualTo(1);
    assertThat(picked())
        .containsOnly(instances.get(0).subchannel, instances.get(2).subchannel)
        .hasSize(ROUNDS);
  }

  @Test
  void aHeldQuestionReachesAllInstancesThatAreWell() {
    assertThat(picked()).containsAll(instances.stream().map(each -> each.subchannel).toList());
  }

  private List<Subchannel> picked() {
    Question question = new Question();
    return Stream.generate(() -> picker.pickSubchannel(question).getSubchannel())
        .limit(ROUNDS)
        .toList();
  }

  private static final class Question extends PickSubchannelArgs {
    private final CallOptions options =
        CallOptions.DEFAULT.withOption(PeakEwmaBalancerProvider.HELD, new InTurn(0));

    @Override
    public CallOptions getCallOptions() {
      return options;
    }

    @Override
    public Metadata getHeaders() {
      return new Metadata();
    }

    @Override
    public MethodDescriptor<?, ?> getMethodDescriptor() {
      return RoutingServiceGrpc.getLocateDocumentMethod();
    }
  }

  private static final class Connection extends Subchannel {
    @Override
    public void shutdown() {}

    @Override
    public void requestConnection() {}

    @Override
    public Attributes getAttributes() {
      return Attributes.EMPTY;
    }
  }
}
