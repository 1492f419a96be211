package io.aetherflow.runtime.trace;

final class NoSpan implements Span {
  @Override
  public long id() {
    return 0;
  }

  @Override
  public Span child(Kind kind, String name) {
    return this;
  }

  @Override
  public Span tag(String key, String value) {
    return this;
  }

  @Override
  public Span tag(String key, long value) {
    return this;
  }

  @Override
  public void end() {}

  @Override
  public void fail(String why) {}
}
