/** One document: the order of its operations, who waits for them, and what is stored about it. */
package io.aetherflow.statesync.document;
