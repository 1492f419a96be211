/** {@code bench jmh}: kernels and the packet path of the sans-IO core, in nanoseconds and bytes. */
package io.aetherflow.bench.jmh;
