package io.aetherflow.operator.model;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which image the operator chose last for a component. It is noted on the object beside the
 * template, in the same write, so that neither a restart of the operator nor somebody's edit of the
 * template is taken for an upgrade.
 */
public final class ChosenImage {
  private static final String ANNOTATION = "aetherflow.io/image";

  private ChosenImage() {}

  static Deployment noted(Deployment deployment) {
    note(deployment, template(deployment));
    return deployment;
  }

  static StatefulSet noted(StatefulSet set) {
    note(set, template(set));
    return set;
  }

  private static void note(HasMetadata object, Optional<String> image) {
    Map<String, String> annotations = new HashMap<>();
    Optional.ofNullable(object.getMetadata().getAnnotations()).ifPresent(annotations::putAll);
    image.ifPresent(it -> annotations.put(ANNOTATION, it));
    object.getMetadata().setAnnotations(annotations);
  }

  /** Of an object that was made before images were noted, what its template says. */
  public static Optional<String> of(Deployment deployment) {
    return noted(deployment.getMetadata().getAnnotations()).or(() -> template(deployment));
  }

  /** The same of a StatefulSet. */
  public static Optional<String> of(StatefulSet set) {
    return noted(set.getMetadata().getAnnotations()).or(() -> template(set));
  }

  /**
   * What pods run whose StatefulSet is gone, be it to be made anew around them: that one is made is
   * no upgrade. Empty when they differ, or there are none.
   */
  public static Optional<String> running(List<Pod> pods) {
    List<String> images =
        pods.stream().map(Pod::getSpec).flatMap(spec -> image(spec).stream()).distinct().toList();
    return images.size() == 1 ? Optional.of(images.getFirst()) : Optional.empty();
  }

  /** What the template says now, whoever wrote it. */
  public static Optional<String> template(Deployment deployment) {
    return image(deployment.getSpec().getTemplate());
  }

  /** The same of a StatefulSet. */
  public static Optional<String> template(StatefulSet set) {
    return image(set.getSpec().getTemplate());
  }

  private static Optional<String> noted(Map<String, String> annotations) {
    return Optional.ofNullable(annotations).map(all -> all.get(ANNOTATION));
  }

  private static Optional<String> image(PodTemplateSpec template) {
    return Optional.ofNullable(template).map(PodTemplateSpec::getSpec).flatMap(ChosenImage::image);
  }

  private static Optional<String> image(PodSpec pod) {
    return Optional.of(pod)
        .map(PodSpec::getContainers)
        .flatMap(containers -> containers.stream().findFirst())
        .map(Container::getImage);
  }
}
