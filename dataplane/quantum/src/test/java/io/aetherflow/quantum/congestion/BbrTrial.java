package io.aetherflow.quantum.congestion;

public class BbrTrial {
  public static void main(String[] a) {
    for (double loss : new double[] {0, .02, .05}) {
      for (boolean behind : new boolean[] {false, true}) {
       for (double q : new double[]{1.0, .1}) {
        Simulation sim = new Simulation();
        Bottleneck link = new Bottleneck(sim, 1, 100, (long)(q*625_000)).randomLoss(loss);
        if (behind) link.lossBehindQueue();
        Flow flow = new Flow(sim, link, 50 * Simulation.MS, 2);
        sim.at(0, flow::startBulk);
        long t=System.nanoTime();
        sim.runUntil(2 * Simulation.SECOND);
        long d2 = flow.deliveredBytes;
        sim.runUntil(30 * Simulation.SECOND);
        System.out.printf("loss %.2f behind %b q %.1f: first 2s %.1f, rest %.1f Mbit/s, sent %d random %d overflow %d queue %.2f ms, %s  cpu %d ms%n", loss, behind, q,
          d2*8/2e6, (flow.deliveredBytes-d2) * 8 / 28e6, link.arrivals, link.randomDrops, link.overflowDrops, link.queueNsSum/link.arrivals/1e6, flow.phasesSeen, (System.nanoTime()-t)/1000000);
       }
      }
    }
  }
}
