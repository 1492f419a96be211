package io.aetherflow.quantum.fec;

class VectorKernelTest extends FecKernelContract {
  @Override
  FecKernel kernel() {
    return new VectorKernel();
  }
}
