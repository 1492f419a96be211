/** The request GUUID: a UUIDv7 that is the W3C trace id and stands in every log line. */
package io.aetherflow.runtime.trace;
