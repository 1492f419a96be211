package io.aetherflow.operator.model;

import io.aetherflow.api.FecMode;
import io.aetherflow.api.LogLevel;
import io.aetherflow.api.Tuning;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterSpec;
import io.aetherflow.crds.AutoscalingSpec;
import io.aetherflow.crds.ComponentSpec;
import io.aetherflow.crds.CongestionSpec;
import io.aetherflow.crds.DeletionPolicy;
import io.aetherflow.crds.EtcdSpec;
import io.aetherflow.crds.ExternalEtcdSpec;
import io.aetherflow.crds.FecSpec;
import io.aetherflow.crds.FecStrategy;
import io.aetherflow.crds.GatewaySpec;
import io.aetherflow.crds.MicroserviceSpec;
import io.aetherflow.crds.NetworkPolicyMode;
import io.aetherflow.crds.Profile;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A resource with every default resolved, whoever wrote it: the API server fills in the schema's
 * defaults, this class those that depend on the profile, and both when a test builds the resource
 * by hand.
 */
public record EffectiveSpec(
    Names names,
    Profile profile,
    Sizes sizes,
    DeletionPolicy deletionPolicy,
    List<LocalObjectReference> imagePullSecrets,
    EtcdPlan etcd,
    EtcdTls etcdTls,
    List<Workload> workloads,
    Tuning tuning,
    boolean networkPolicies,
    MonitoringPlan monitoring,
    Optional<TracingPlan> tracing,
    GatewayAuth gatewayAuth) {

  private static final String OWN_REPOSITORY = "aetherflow/";
  private static final String DEFAULT_VERSION = "0.1.0";
  static final int ETCD_MEMBERS_MAX = 5;
  private static final String ETCD_IMAGE = "quay.io/coreos/etcd:v3.5.21";

  /** Own members or somebody else's endpoints. */
  public sealed interface EtcdPlan {
    /** Client addresses, as pods are told. */
    List<String> endpoints();

    /** Prefix of every key, or empty. */
    String prefix();

    /**
     * @param keeperImage of the keeper of snapshots
     */
    record Members(
        int count, String image, String keeperImage, EtcdSpec spec, List<String> endpoints)
        implements EtcdPlan {
      @Override
      public String prefix() {
        return "";
      }
    }

    record External(List<String> endpoints, String prefix) implements EtcdPlan {}
  }

  /** Members wanted, or addresses of an external etcd. */
  public int etcdMembers() {
    return switch (etcd) {
      case EtcdPlan.Members own -> own.count();
      case EtcdPlan.External external -> external.endpoints().size();
    };
  }

  /** Where nobody runs the Prometheus operator. */
  public static EffectiveSpec of(AetherFlowCluster cluster) {
    return of(cluster, false);
  }

  /**
   * @param prometheusOperator whether the API of ServiceMonitor is served
   */
  public static EffectiveSpec of(AetherFlowCluster cluster, boolean prometheusOperator) {
    Optional<AetherFlowClusterSpec> spec = Optional.ofNullable(cluster.getSpec());
    EtcdTls tls = EtcdTls.of(get(spec, AetherFlowClusterSpec::etcd));
    Names names =
        new Names(
            cluster.getMetadata().getName(), cluster.getMetadata().getNamespace(), tls.scheme());
    Profile profile = get(spec, AetherFlowClusterSpec::profile).orElse(Profile.PRODUCTION);
    Sizes sizes = Sizes.of(profile);
    return new EffectiveSpec(
        names,
        profile,
        sizes,
        get(spec, AetherFlowClusterSpec::deletionPolicy).orElse(DeletionPolicy.RETAIN),
        get(spec, AetherFlowClusterSpec::imagePullSecrets).orElse(List.of()),
        etcdPlan(names, spec),
        tls,
        workloads(spec, sizes),
        tuning(spec),
        get(spec, AetherFlowClusterSpec::networkPolicy)
            .map(policy -> policy.mode() == NetworkPolicyMode.ENFORCED)
            .orElse(false),
        MonitoringPlan.of(
            get(spec, AetherFlowClusterSpec::monitoring),
            profile,
            prometheusOperator,
            (given, fallback) -> image(spec, Optional.ofNullable(given), fallback)),
        get(spec, AetherFlowClusterSpec::tracing).map(TracingPlan::of),
        GatewayAuth.of(get(get(spec, AetherFlowClusterSpec::gateway), GatewaySpec::auth)));
  }

  /** The same once the gateways have a certificate. */
  public EffectiveSpec withHttpsOffered() {
    return with(
        etcd,
        workload ->
            workload.withTls(workload.tls().map(tls -> new GatewayTls(tls.secretName(), true))));
  }

  /** The same with these images, by component; a component that is not named keeps its own. */
  public EffectiveSpec withImages(Map<String, String> images) {
    EtcdPlan held =
        switch (etcd) {
          case EtcdPlan.Members own ->
              new EtcdPlan.Members(
                  own.count(),
                  images.getOrDefault(Names.ETCD, own.image()),
                  images.getOrDefault(Names.ETCD_BACKUP, own.keeperImage()),
                  own.spec(),
                  own.endpoints());
          case EtcdPlan.External external -> external;
        };
    return with(held, each -> each.withImage(images.getOrDefault(each.component(), each.image())));
  }

  private EffectiveSpec with(EtcdPlan otherEtcd, UnaryOperator<Workload> change) {
    return new EffectiveSpec(
        names,
        profile,
        sizes,
        deletionPolicy,
        imagePullSecrets,
        otherEtcd,
        etcdTls,
        workloads.stream().map(change).toList(),
        tuning,
        networkPolicies,
        monitoring,
        tracing,
        gatewayAuth);
  }

  /** The version that the resource asks for. */
  public static String version(AetherFlowCluster cluster) {
    return version(Optional.ofNullable(cluster.getSpec()));
  }

  /** Pods that confirm tuning when all of them run. */
  public int tunedReplicas() {
    return workloads.stream().filter(Workload::tuned).mapToInt(Workload::replicas).sum();
  }

  private static EtcdPlan etcdPlan(Names names, Optional<AetherFlowClusterSpec> spec) {
    Optional<EtcdSpec> etcd = get(spec, AetherFlowClusterSpec::etcd);
    Optional<ExternalEtcdSpec> external = get(etcd, EtcdSpec::external);
    if (external.isPresent()) {
      return new EtcdPlan.External(
          List.copyOf(external.get().endpoints()),
          get(external, ExternalEtcdSpec::prefix).orElse(""));
    }
    int count = get(etcd, EtcdSpec::replicas).orElse(Sizes.ETCD_MEMBERS);
    List<String> endpoints = new ArrayList<>();
    // All that there can ever be: running pods keep their list when members come and go.
    for (int i = 0; i < ETCD_MEMBERS_MAX; i++) {
      endpoints.add(names.etcdClientUrl(names.etcdMember(i)));
    }
    return new EtcdPlan.Members(
        count,
        image(spec, get(etcd, EtcdSpec::image), ETCD_IMAGE),
        image(spec, Optional.empty(), OWN_REPOSITORY + "operator:" + version(spec)),
        etcd.orElse(new EtcdSpec(null, null, null, null, null, null, null, null)),
        List.copyOf(endpoints));
  }

  private static List<Workload> workloads(Optional<AetherFlowClusterSpec> spec, Sizes sizes) {
    List<Workload> workloads = new ArrayList<>();
    workloads.add(gateway(spec, sizes));
    workloads.add(
        builtIn(
            spec,
            sizes,
            Names.SESSION,
            "session",
            Ports.SESSION,
            get(spec, AetherFlowClusterSpec::session)));
    workloads.add(
        builtIn(
            spec,
            sizes,
            Names.STATESYNC,
            "statesync",
            Ports.STATESYNC,
            get(spec, AetherFlowClusterSpec::stateSync)));
    for (MicroserviceSpec each :
        get(spec, AetherFlowClusterSpec::services).orElse(List.<MicroserviceSpec>of())) {
      workloads.add(own(spec, sizes, each));
    }
    return List.copyOf(workloads);
  }

  private static Workload gateway(Optional<AetherFlowClusterSpec> spec, Sizes sizes) {
    Optional<GatewaySpec> given = get(spec, AetherFlowClusterSpec::gateway);
    return builtIn(
            spec,
            sizes,
            Names.GATEWAY,
            "gateway",
            Ports.GATEWAY,
            get(given, GatewaySpec::component))
        .withTls(get(given, GatewaySpec::tls).map(tls -> new GatewayTls(tls.secretName(), false)));
  }

  private static Workload own(
      Optional<AetherFlowClusterSpec> spec, Sizes sizes, MicroserviceSpec own) {
    return new Workload(
        own.name(),
        image(spec, Optional.of(own.image()), own.image()),
        own.port(),
        replicas(own.replicas(), own.autoscaling(), sizes),
        Optional.ofNullable(own.autoscaling()),
        own.resources() == null ? sizes.workload() : own.resources(),
        own.env() == null ? List.of() : own.env(),
        Boolean.TRUE.equals(own.tuning()),
        Optional.empty());
  }

  private static Workload builtIn(
      Optional<AetherFlowClusterSpec> spec,
      Sizes sizes,
      String component,
      String repository,
      int port,
      Optional<ComponentSpec> given) {
    Optional<AutoscalingSpec> autoscaling = get(given, ComponentSpec::autoscaling);
    return new Workload(
        component,
        image(
            spec,
            get(given, ComponentSpec::image),
            OWN_REPOSITORY + repository + ":" + version(spec)),
        port,
        replicas(get(given, ComponentSpec::replicas).orElse(null), autoscaling.orElse(null), sizes),
        autoscaling,
        get(given, ComponentSpec::resources).orElse(sizes.workload()),
        List.of(),
        true,
        Optional.empty());
  }

  private static String version(Optional<AetherFlowClusterSpec> spec) {
    return get(spec, AetherFlowClusterSpec::version).orElse(DEFAULT_VERSION);
  }

  private static int replicas(Integer fixed, AutoscalingSpec autoscaling, Sizes sizes) {
    if (autoscaling != null) {
      return autoscaling.minReplicas() == null ? sizes.replicas() : autoscaling.minReplicas();
    }
    return fixed == null ? sizes.replicas() : fixed;
  }

  private static String image(
      Optional<AetherFlowClusterSpec> spec, Optional<String> given, String fallback) {
    if (given.isPresent()) {
      return given.get();
    }
    return get(spec, AetherFlowClusterSpec::imageRegistry)
        .filter(registry -> !registry.isBlank())
        .map(registry -> registry.replaceAll("/+$", "") + "/" + fallback)
        .orElse(fallback);
  }

  private static Tuning tuning(Optional<AetherFlowClusterSpec> spec) {
    Tuning fallback = Tuning.DEFAULT;
    Optional<FecSpec> fec = get(get(spec, AetherFlowClusterSpec::quantum), q -> q.fec());
    Optional<CongestionSpec> congestion =
        get(get(spec, AetherFlowClusterSpec::quantum), q -> q.congestion());
    return new Tuning(
        get(fec, FecSpec::mode).map(EffectiveSpec::fecMode).orElse(fallback.fecMode()),
        get(fec, FecSpec::groupSize).orElse(fallback.fecGroupSize()),
        get(fec, FecSpec::ratioPercent).orElse(fallback.fecRatioPercent()),
        get(fec, FecSpec::flushMillis).orElse(fallback.fecFlushMillis()),
        get(congestion, CongestionSpec::startupGainPercent)
            .orElse(fallback.bbrStartupGainPercent()),
        get(congestion, CongestionSpec::maxCwndPackets).orElse(fallback.maxCwndPackets()),
        get(spec, AetherFlowClusterSpec::logLevel)
            .map(level -> LogLevel.valueOf(level.name()))
            .orElse(fallback.logLevel()));
  }

  private static FecMode fecMode(FecStrategy strategy) {
    return switch (strategy) {
      case ADAPTIVE -> FecMode.ADAPTIVE;
      case FIXED -> FecMode.FIXED;
      case DISABLED -> FecMode.OFF;
    };
  }

  private static <A, B> Optional<B> get(Optional<A> from, Function<A, B> getter) {
    return from.map(getter);
  }
}
