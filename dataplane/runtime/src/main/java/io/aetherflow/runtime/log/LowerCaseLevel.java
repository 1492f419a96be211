package io.aetherflow.runtime.log;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Locale;

/** The level as the log format has it: {@code info}, not {@code INFO}. */
public final class LowerCaseLevel extends ClassicConverter {

  @Override
  public String convert(ILoggingEvent event) {
    return event.getLevel().toString().toLowerCase(Locale.ROOT);
  }
}
