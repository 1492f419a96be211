/** Where operations are stored: an interface with one contract suite, and its implementations. */
package io.aetherflow.statesync.log;
