/** The one thread on which documents and ownership change. */
package io.aetherflow.statesync.loop;
