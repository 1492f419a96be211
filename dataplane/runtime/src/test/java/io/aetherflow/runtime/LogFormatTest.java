package io.aetherflow.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class LogFormatTest {

  @Test
  void aLineHasLevelGuuidComponentAndAction() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stdout = System.out;
    LoggerContext context = new LoggerContext();
    try (MDC.MDCCloseable ignored = MDC.putCloseable("guuid", "g-1")) {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      context.setMDCAdapter(MDC.getMDCAdapter());
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(LogFormatTest.class.getResource("/logback.xml"));
      Logger logger = context.getLogger("io.aetherflow.test");
      logger.atInfo().addKeyValue("action", "tried").log("a \"quoted\" text");
    } finally {
      System.setOut(stdout);
      context.stop();
    }
    JsonNode line = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
    assertThat(line.path("level").asText()).isEqualTo("info");
    assertThat(line.path("guuid").asText()).isEqualTo("g-1");
    assertThat(line.path("component").asText()).isNotEmpty();
    assertThat(line.path("action").asText()).isEqualTo("tried");
    assertThat(line.path("msg").asText()).isEqualTo("a \"quoted\" text");
    assertThat(line.path("ts").asText()).isNotEmpty();
  }
}
