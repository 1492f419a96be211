package io.aetherflow.e2e.cluster;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the cluster up before the first test that asks for it, takes it down after the last, and
 * prints what the cluster looked like when a test fails.
 */
final class ClusterExtension
    implements ParameterResolver, ExecutionCondition, AfterTestExecutionCallback {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterExtension.class);
  private static final Namespace RUN = Namespace.create(ClusterExtension.class);

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    boolean localOnly =
        context
            .getElement()
            .filter(element -> AnnotationSupport.isAnnotated(element, LocalOnly.class))
            .isPresent();
    if (localOnly && Cluster.kubeconfigOption().isPresent()) {
      return ConditionEvaluationResult.disabled(
          "needs the local cluster (it signals processes or reads etcd directly), but -Dkubeconfig"
              + " names another");
    }
    return ConditionEvaluationResult.enabled("runs on any cluster");
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Cluster.class;
  }

  @Override
  public Cluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(RUN)
        .getOrComputeIfAbsent(Attempt.class, key -> Attempt.make(), Attempt.class)
        .cluster();
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    Attempt attempt = context.getRoot().getStore(RUN).get(Attempt.class, Attempt.class);
    if (context.getExecutionException().isPresent() && attempt != null) {
      LOG.error("{} failed; {}", context.getDisplayName(), Diagnostics.describe(attempt.cluster()));
    }
  }

  /** The one attempt of this run to get a cluster: when it fails, no test tries again. */
  private sealed interface Attempt extends AutoCloseable {
    static Attempt make() {
      try {
        return new Opened(Cluster.open());
      } catch (RuntimeException e) {
        return new Failed(e);
      }
    }

    Cluster cluster();

    @Override
    void close();

    record Opened(Cluster cluster) implements Attempt {
      @Override
      public void close() {
        cluster.close();
      }
    }

    record Failed(RuntimeException why) implements Attempt {
      @Override
      public Cluster cluster() {
        throw new IllegalStateException("no cluster to test: " + why.getMessage(), why);
      }

      @Override
      public void close() {}
    }
  }
}
