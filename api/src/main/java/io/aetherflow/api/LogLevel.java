package io.aetherflow.api;

import java.util.Locale;

/** Level of a pod's log, changed live; the etcd value is the lower-case name. */
public enum LogLevel {
  DEBUG,
  INFO,
  WARN,
  ERROR;

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
