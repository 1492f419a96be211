package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.api.Test;

class VolumePlanTest {
  private static final String FIELD = "spec.etcd.storage";

  @Test
  void theSameSizeWrittenOtherwiseIsTheSame() {
    assertThat(plan(claim("1024Mi", null), claim("1Gi", null))).isEqualTo(new VolumePlan.AsIs());
  }

  @Test
  void volumesGrow() {
    assertThat(plan(claim("2Gi", "fast"), claim("1Gi", "fast")))
        .isEqualTo(new VolumePlan.Grow(new Quantity("2Gi")));
  }

  @Test
  void volumesDoNotShrink() {
    assertThat(plan(claim("1Gi", null), claim("50Gi", null)))
        .isEqualTo(
            new VolumePlan.Refuse(
                "spec.etcd.storage.size asks for 1Gi, but the volumes have 50Gi and volumes do not"
                    + " shrink; set it to 50Gi, or move the data to a new cluster"));
  }

  @Test
  void theClassIsForLife() {
    assertThat(plan(claim("1Gi", "fast"), claim("1Gi", "slow")))
        .isEqualTo(
            new VolumePlan.Refuse(
                "spec.etcd.storage.storageClassName asks for class fast, but the volumes are of"
                    + " class slow, which cannot change; put it back, or move the data to a new"
                    + " cluster"));
    assertThat(plan(claim("1Gi", null), claim("1Gi", "slow")))
        .isInstanceOf(VolumePlan.Refuse.class);
  }

  /** A claim that names no class has got the default one; a StatefulSet's template has not. */
  @Test
  void theDefaultClassIsNoChangeOfAClaim() {
    assertThat(VolumePlan.of(FIELD, claim("1Gi", null), claim("1Gi", "standard"), true))
        .isEqualTo(new VolumePlan.AsIs());
  }

  private static VolumePlan plan(PersistentVolumeClaim wanted, PersistentVolumeClaim live) {
    return VolumePlan.of(FIELD, wanted, live, false);
  }

  private static PersistentVolumeClaim claim(String size, String storageClass) {
    return new PersistentVolumeClaimBuilder()
        .withNewSpec()
        .withStorageClassName(storageClass)
        .withNewResources()
        .addToRequests("storage", new Quantity(size))
        .endResources()
        .endSpec()
        .build();
  }
}
