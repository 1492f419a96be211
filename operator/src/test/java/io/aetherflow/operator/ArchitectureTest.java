package io.aetherflow.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.aetherflow.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule models_are_pure =
      noClasses()
          .that()
          .resideInAPackage("..operator.model..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8.kubernetes.client..",
              "io.javaoperatorsdk..",
              "io.etcd..",
              "java.time..",
              "java.net.http..")
          .because("desired state is a function of the resource alone");

  @ArchTest
  static final ArchRule the_data_plane_is_out_of_reach =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.aetherflow.quantum..",
              "io.aetherflow.runtime..",
              "io.aetherflow.gateway..",
              "io.aetherflow.session..",
              "io.aetherflow.statesync..",
              "io.aetherflow.local..");
}
