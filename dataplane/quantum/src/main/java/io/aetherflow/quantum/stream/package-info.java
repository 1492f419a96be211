/**
 * Byte streams with flow control, per stream and per connection: reassembly, what is to be sent
 * again, and whose turn it is.
 */
package io.aetherflow.quantum.stream;
