/** Benchmarks: each subcommand prints a table and, with {@code --json}, writes the same numbers. */
package io.aetherflow.bench;
