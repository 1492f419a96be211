package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.List;

/** What the user wants. Every field has a default; {@code spec: {}} is a working cluster. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "!has(self.etcd) || !has(self.etcd.storage) || !has(self.etcd.storage.ephemeral) ||"
            + " !self.etcd.storage.ephemeral || (has(self.profile) && self.profile =="
            + " 'Development')",
    message =
        "spec.etcd.storage.ephemeral loses all documents with the pods; it is allowed only with"
            + " spec.profile: Development")
@ValidationRule(
    value =
        "!has(oldSelf.etcd) || !has(oldSelf.etcd.tls) || !has(oldSelf.etcd.tls.mode) ||"
            + " !has(self.etcd) || has(self.etcd.external) || !has(self.etcd.tls) ||"
            + " !has(self.etcd.tls.mode) || self.etcd.tls.mode == oldSelf.etcd.tls.mode",
    message =
        "spec.etcd.tls.mode cannot change: the members know each other by addresses that begin with"
            + " http or https; make a new cluster")
@ValidationRule(
    value =
        "has(self.etcd) && has(self.etcd.external) || has(oldSelf.etcd) &&"
            + " has(oldSelf.etcd.external) || (has(self.etcd) && has(self.etcd.tls) &&"
            + " has(self.etcd.tls.secretName) ? self.etcd.tls.secretName : '') =="
            + " (has(oldSelf.etcd) && has(oldSelf.etcd.tls) && has(oldSelf.etcd.tls.secretName) ?"
            + " oldSelf.etcd.tls.secretName : '')",
    message =
        "spec.etcd.tls.secretName cannot be added, removed or changed: members with certificates of"
            + " another authority do not reach each other; change what the Secret holds, or make a"
            + " new cluster")
public record AetherFlowClusterSpec(
    @JsonPropertyDescription(
            "Sizes where this resource gives none. Production: 3 replicas, 500m/512Mi each, etcd"
                + " 1000m/2Gi and 50Gi. Development: 2 replicas, 50m/256Mi, etcd 100m/256Mi and"
                + " 1Gi.")
        @Default("Production")
        Profile profile,
    @JsonPropertyDescription("AetherFlow version; the tag of images that are not given in full.")
        @Default("0.1.0")
        @Pattern("^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$")
        String version,
    @JsonPropertyDescription(
            "Put before every image that is not given in full, for example"
                + " registry.example.com/mirror.")
        String imageRegistry,
    @JsonPropertyDescription("Secrets for pulling images, in the cluster's namespace.")
        List<LocalObjectReference> imagePullSecrets,
    @JsonPropertyDescription("Whether etcd's volumes outlive this resource.") @Default("Retain")
        DeletionPolicy deletionPolicy,
    @JsonPropertyDescription("Level of the pods' logs; changes reach running pods.")
        @Default("Info")
        LogVerbosity logLevel,
    @JsonPropertyDescription("The store of discovery, tuning, sessions and documents.")
        @Default("{}")
        EtcdSpec etcd,
    @JsonPropertyDescription("REST and WebSocket entry.") @Default("{}") GatewaySpec gateway,
    @JsonPropertyDescription("Session service.") @Default("{}") ComponentSpec session,
    @JsonPropertyDescription("StateSync service: documents and their operations.")
        @Default("{}")
        @ValidationRule(
            value = "!has(self.autoscaling) || !has(self.autoscaling.targetSessionsPerPod)",
            message =
                "spec.stateSync.autoscaling.targetSessionsPerPod: statesync holds documents, not"
                    + " sessions; scale it by CPU")
        ComponentSpec stateSync,
    @JsonPropertyDescription("The transport between pods; every change reaches running pods.")
        @Default("{}")
        QuantumSpec quantum,
    @JsonPropertyDescription("Own microservices that join discovery and tuning.")
        @ValidationRule(
            value =
                "self.all(s, !(s.name in ['api-gateway', 'session-service',"
                    + " 'statesync-service', 'etcd', 'prometheus', 'alertmanager', 'grafana']))",
            message =
                "spec.services[].name must not be api-gateway, session-service, statesync-service,"
                    + " etcd, prometheus, alertmanager or grafana; those exist already")
        @ValidationRule(
            value = "self.all(s, !has(s.autoscaling) || !has(s.autoscaling.targetSessionsPerPod))",
            message =
                "spec.services[].autoscaling.targetSessionsPerPod: only gateways and the session"
                    + " service have sessions; scale it by CPU")
        @Size(max = 32)
        List<MicroserviceSpec> services,
    @JsonPropertyDescription("NetworkPolicies around the cluster's pods.") @Default("{}")
        NetworkPolicySpec networkPolicy,
    @JsonPropertyDescription("Metrics, alerts and dashboards.") @Default("{}")
        MonitoringSpec monitoring,
    @JsonPropertyDescription("Requests as spans of OpenTelemetry; without it none are recorded.")
        TracingSpec tracing) {}
