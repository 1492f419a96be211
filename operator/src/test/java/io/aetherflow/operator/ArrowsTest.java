package io.aetherflow.operator;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;

/** Who may know whom inside the operator. */
@AnalyzeClasses(
    packages = "io.aetherflow.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArrowsTest {
  @ArchTest
  static final ArchRule MODEL_IS_PURE =
      ArchRuleDefinition.noClasses()
          .that()
          .resideInAPackage("..operator.model..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8.kubernetes.client..",
              "io.javaoperatorsdk..",
              "io.etcd..",
              "..operator.etcd..",
              "..operator.reconciler..");

  @ArchTest
  static final ArchRule ETCD_KNOWS_NO_KUBERNETES =
      ArchRuleDefinition.noClasses()
          .that()
          .resideInAPackage("..operator.etcd..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.fabric8..", "io.javaoperatorsdk..", "..operator.model..");

  @ArchTest
  static final ArchRule NO_DATA_PLANE =
      ArchRuleDefinition.noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.aetherflow.runtime..", "io.aetherflow.quantum..");
}
