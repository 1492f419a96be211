package io.aetherflow.quantum.fec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which kernel a JVM gets, asked in JVMs of their own. */
class FecKernelsTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  @Test
  void vectorsNeedTheModuleAndTheSecondCompiler() throws Exception {
    assertThat(kernel(MODULE)).startsWith("vector");
    assertThat(kernel(MODULE, "-XX:TieredStopAtLevel=1")).isEqualTo("scalar");
    assertThat(kernel()).isEqualTo("scalar");
  }

  private static String kernel(String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), FecKernelsTest.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String name = new String(process.getInputStream().readAllBytes()).strip();
    assertThat(process.waitFor()).isZero();
    return name;
  }

  public static void main(String[] args) {
    System.out.println(FecKernels.best().name());
  }
}
