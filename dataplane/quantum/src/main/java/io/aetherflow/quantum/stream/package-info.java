/** Byte streams with flow control. So far only the receiving half's reassembly exists. */
package io.aetherflow.quantum.stream;
