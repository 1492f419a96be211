package io.aetherflow.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.aetherflow.api.LogLevel;
import org.slf4j.LoggerFactory;

/** Applies the tuning's log level to AetherFlow's own loggers; libraries keep theirs. */
final class LogLevels {
  private LogLevels() {}

  static void apply(LogLevel level) {
    if (LoggerFactory.getLogger("io.aetherflow") instanceof Logger logger) {
      logger.setLevel(Level.toLevel(level.name()));
    }
  }
}
