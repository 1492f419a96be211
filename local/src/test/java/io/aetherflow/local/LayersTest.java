package io.aetherflow.local;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.aetherflow.local",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  /** The local API must serve any operator, so it knows none of ours. */
  @ArchTest
  static final ArchRule KNOWS_NO_OTHER_MODULE =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.aetherflow.api..",
              "io.aetherflow.crds..",
              "io.aetherflow.operator..",
              "io.aetherflow.runtime..",
              "io.aetherflow.gateway..");

  @ArchTest
  static final ArchRule SCHEMA_IS_THE_LOWEST_LAYER =
      noClasses()
          .that()
          .resideInAPackage("..local.schema..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..local.store..", "..local.server..");

  @ArchTest
  static final ArchRule STORE_KNOWS_NO_HTTP =
      noClasses()
          .that()
          .resideInAPackage("..local.store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..local.server..", "io.vertx..");

  @ArchTest
  static final ArchRule CONTROLLERS_KNOW_THE_STORE_ONLY =
      noClasses()
          .that()
          .resideInAPackage("..local.controllers..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..local.server..",
              "..local.node..",
              "..local.install..",
              "..local.cli..",
              "io.vertx..");

  @ArchTest
  static final ArchRule NOTHING_BELOW_KNOWS_THE_CONTROLLERS =
      noClasses()
          .that()
          .resideInAnyPackage("..local.schema..", "..local.store..", "..local.server..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("..local.controllers..");
}
