package io.aetherflow.bench.fec;

import io.aetherflow.quantum.fec.FecKernels;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What is compared, with the subject names that reports use. */
enum Variant {
  QUANTUM_BATCH("quantum", "batch", () -> Optional.of(new QuantumCoder(FecKernels.best()))),
  QUANTUM_INCREMENTAL(
      "quantum", "incremental", () -> Optional.of(new IncrementalCoder(FecKernels.best()))),
  QUANTUM_SCALAR("quantum", "batch", () -> Optional.of(new QuantumCoder(FecKernels.scalar()))),
  JAVAREEDSOLOMON(
      "javareedsolomon", JavaReedSolomonCoder.LOOP, () -> Optional.of(new JavaReedSolomonCoder())),
  ISAL("isal", "ec_encode_data", IsalCoder::load);

  private final String subject;
  private final String path;
  private final Supplier<Optional<Coder>> coder;

  Variant(String subject, String path, Supplier<Optional<Coder>> coder) {
    this.subject = subject;
    this.path = path;
    this.coder = coder;
  }

  String subject() {
    return subject;
  }

  /** Nothing if this machine lacks it. */
  Optional<Coder> coder() {
    return coder.get();
  }

  /** How rows tell variants of a subject apart. */
  Map<String, Object> params() {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("path", path);
    switch (this) {
      case QUANTUM_BATCH, QUANTUM_INCREMENTAL -> params.put("kernel", FecKernels.best().name());
      case QUANTUM_SCALAR -> params.put("kernel", FecKernels.scalar().name());
      case JAVAREEDSOLOMON, ISAL -> {}
    }
    return params;
  }
}
