package io.aetherflow.operator;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Locale;

/** {@code info}, not {@code INFO}: the operator's log reads like those of the pods it makes. */
public final class LowerCaseLevel extends ClassicConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return event.getLevel().levelStr.toLowerCase(Locale.ROOT);
  }
}
