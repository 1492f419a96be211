/** The order of one document's operations. No I/O. */
package io.aetherflow.statesync.document;
