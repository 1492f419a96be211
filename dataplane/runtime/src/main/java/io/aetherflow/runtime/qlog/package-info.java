/** Traces of connections in the manner of qlog, as JSON lines: {@code docs/qlog.md}. */
package io.aetherflow.runtime.qlog;
