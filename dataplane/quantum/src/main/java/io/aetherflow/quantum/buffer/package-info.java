/**
 * Integers in byte arrays, shared by all codecs; pages of stream content and the budget of all of
 * them.
 */
package io.aetherflow.quantum.buffer;
