package io.aetherflow.operator.model;

import io.aetherflow.operator.certificates.Role;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;

/** The certificates as files of a pod, each pod only with the keys that are its own. */
final class EtcdTlsVolume {
  static final String DIR = "/etc/aetherflow/etcd-tls";

  private static final String NAME = "etcd-tls";

  /** Owner may read, group too: fsGroup makes the pod's user a member. */
  private static final int SECRET_MODE = 0440;

  private EtcdTlsVolume() {}

  static String secretName(EffectiveSpec spec) {
    return spec.etcdTls() instanceof EtcdTls.Given given
        ? given.secretName()
        : spec.names().etcdCertificates();
  }

  static Volume of(EffectiveSpec spec, Role... roles) {
    List<KeyToPath> items = new ArrayList<>();
    items.add(item(CertificateSecrets.TRUST_KEY));
    for (Role role : roles) {
      items.add(item(role.certificateKey()));
      items.add(item(role.privateKeyKey()));
    }
    return new VolumeBuilder()
        .withName(NAME)
        .withNewSecret()
        .withSecretName(secretName(spec))
        .withDefaultMode(SECRET_MODE)
        .withItems(items)
        .endSecret()
        .build();
  }

  private static KeyToPath item(String key) {
    return new KeyToPath(key, null, key);
  }

  static VolumeMount mount() {
    return new VolumeMountBuilder().withName(NAME).withMountPath(DIR).withReadOnly(true).build();
  }
}
