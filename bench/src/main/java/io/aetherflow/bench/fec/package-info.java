/** {@code bench fec}: Reed-Solomon kernels side by side. */
package io.aetherflow.bench.fec;
