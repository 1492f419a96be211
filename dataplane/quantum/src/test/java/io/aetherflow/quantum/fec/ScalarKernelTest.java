package io.aetherflow.quantum.fec;

class ScalarKernelTest extends FecKernelContract {
  @Override
  FecKernel kernel() {
    return new ScalarKernel();
  }
}
