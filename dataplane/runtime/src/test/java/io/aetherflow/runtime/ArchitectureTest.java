package io.aetherflow.runtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.aetherflow.runtime",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule the_runtime_knows_no_service_and_no_operator =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.aetherflow.operator..",
              "io.aetherflow.crds..",
              "io.aetherflow.session..",
              "io.aetherflow.statesync..",
              "io.aetherflow.gateway..",
              "io.aetherflow.local..",
              "io.fabric8..");

  @ArchTest
  static final ArchRule one_place_builds_channels_and_servers =
      noClasses()
          .that()
          .resideOutsideOfPackage("..runtime.transport..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.grpc.netty..");

  @ArchTest
  static final ArchRule only_one_package_needs_the_sdk_of_opentelemetry =
      noClasses()
          .that()
          .resideOutsideOfPackage("..runtime.otlp..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.opentelemetry..");
}
