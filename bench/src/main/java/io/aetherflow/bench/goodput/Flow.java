package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.child.Certificate;
import io.aetherflow.bench.child.Child;
import io.aetherflow.bench.lab.Site;
import io.aetherflow.bench.options.Subject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A sender and a receiver that move bytes; used by one thread. */
final class Flow implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(45);
  private static final double BITS_PER_BYTE = 8;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double BYTES_PER_GB = 1e9;
  private static final double NANOS_PER_SECOND = 1e9;

  private final Subject subject;
  private final Child receiver;
  private final Child sender;
  private JsonNode receiverBefore;
  private JsonNode senderBefore;
  private JsonNode receiverAfter;
  private JsonNode senderAfter;

  private Flow(Subject subject, Child receiver, Child sender) {
    this.subject = subject;
    this.receiver = receiver;
    this.sender = sender;
  }

  /**
   * @param rateBits what a floor paces itself to, 0 for as fast as it goes
   */
  static Flow start(Subject subject, Site site, Certificate certificate, long rateBits)
      throws InterruptedException {
    Map<String, Object> config = new LinkedHashMap<>(subject.config());
    config.put("address", site.serverAddress());
    config.put("rateBits", rateBits);
    config.putAll(certificate.config());
    Child receiver =
        Child.start(
            subject.label() + " server",
            site.onServer(),
            flags(subject),
            BulkReceiver.class,
            config);
    try {
      config.put("port", receiver.await("ready", START).get("port").asInt());
      Child sender =
          Child.start(
              subject.label() + " client",
              site.onClient(),
              flags(subject),
              BulkSender.class,
              config);
      try {
        sender.await("ready", START);
        return new Flow(subject, receiver, sender);
      } catch (BenchFailure | InterruptedException e) {
        sender.close();
        throw e;
      }
    } catch (BenchFailure | InterruptedException e) {
      receiver.close();
      throw e;
    }
  }

  /** java-Kcp's FEC pads inside receive buffers, which only NIO makes longer than the datagram. */
  private static List<String> flags(Subject subject) {
    return subject.name().equals("kcp") ? List.of("-Dio.netty.transport.noNative=true") : List.of();
  }

  Subject subject() {
    return subject;
  }

  void begin() throws InterruptedException {
    receiverBefore = receiver.counters();
    senderBefore = sender.counters();
  }

  void end() throws InterruptedException {
    receiverAfter = receiver.counters();
    senderAfter = sender.counters();
    if (!(bytes() > 0)) {
      throw new BenchFailure("No byte of " + subject.label() + " arrived while it was measured.");
    }
  }

  private double bytes() {
    return difference(receiverBefore, receiverAfter, "bytes");
  }

  /** What the receiver got. */
  double megabitsPerSecond() {
    return bytes()
        * BITS_PER_BYTE
        * NANOS_PER_MICRO
        / difference(receiverBefore, receiverAfter, "nanos");
  }

  /** Of both ends, per 10^9 bytes received. */
  double cpuSecondsPerGigabyte() {
    double cpuNs =
        difference(receiverBefore, receiverAfter, "cpuNs")
            + difference(senderBefore, senderAfter, "cpuNs");
    return cpuNs / NANOS_PER_SECOND / (bytes() / BYTES_PER_GB);
  }

  private static double difference(JsonNode before, JsonNode after, String name) {
    return after.get(name).asDouble() - before.get(name).asDouble();
  }

  @Override
  public void close() {
    sender.close();
    receiver.close();
  }
}
