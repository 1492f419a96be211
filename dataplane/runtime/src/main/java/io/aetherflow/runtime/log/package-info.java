/** The pod's log format. */
package io.aetherflow.runtime.log;
