package io.aetherflow.quantum.congestion;
import static io.aetherflow.quantum.congestion.Simulation.*;
import java.util.*;
public class BbrTrial {
  static final long BDP = 625_000;
  static void report(String n, Bottleneck l, Flow f, double rate) {
    System.out.printf("%s: %.1f Mbit/s, arrivals %d random %.3f overflow %.4f policer %.4f queue %.2f ms %s%n", n, rate, l.arrivals, l.randomDrops/(double)l.arrivals, l.overflowDrops/(double)l.arrivals, l.policerDrops/(double)l.arrivals, l.queueNsSum/l.arrivals/1e6, f.phasesSeen.size());
  }
  static double rate(Simulation s, Flow f, double sec) { long d=f.deliveredBytes; s.runUntil(s.nowNs()+(long)(sec*SECOND)); return (f.deliveredBytes-d)*8/sec/1e6; }
  public static void main(String[] a) {
    for (double loss : new double[] {0, .02, .05}) for (double q : new double[]{1.0, .1, 0.03}) for (boolean behind : new boolean[] {false, true}) {
        Simulation sim = new Simulation();
        Bottleneck link = new Bottleneck(sim, 1, 100, (long)(q*BDP)).randomLoss(loss);
        if (behind) link.lossBehindQueue();
        Flow flow = new Flow(sim, link, 50 * MS, 2);
        sim.at(0, flow::startBulk);
        sim.runUntil(2*SECOND);
        report("bulk loss "+loss+" queue "+q+" behind "+behind, link, flow, rate(sim, flow, 28));
    }
    for (double bucket : new double[]{0.1, 1, 4}) for (double loss: new double[]{0,.02}) {
        Simulation sim = new Simulation();
        Bottleneck link = new Bottleneck(sim, 1, 1000, 100*BDP).policer(100, (long)(bucket*BDP)).randomLoss(loss);
        Flow flow = new Flow(sim, link, 50 * MS, 2);
        sim.at(0, flow::startBulk);
        sim.runUntil(5*SECOND);
        link.arrivals=link.policerDrops=link.randomDrops=0;
        report("policer bucket "+bucket+" loss "+loss, link, flow, rate(sim, flow, 25));
    }
    for (int n : new int[]{2,4}) for (double q : new double[]{1, .25}) for (double loss: new double[]{0,.02}) for (long seed=1;seed<=3;seed++){
        Simulation sim = new Simulation();
        Bottleneck link = new Bottleneck(sim, seed, 100, (long)(q*BDP)).randomLoss(loss);
        List<Flow> fl=new ArrayList<>();
        for (int i=0;i<n;i++){ Flow f=new Flow(sim, link, 50*MS, seed*100+i); fl.add(f); sim.at(i*SECOND, f::startBulk);}
        sim.runUntil(20*SECOND);
        long[] d=fl.stream().mapToLong(f->f.deliveredBytes).toArray();
        sim.runUntil(40*SECOND);
        double sum=0,sq=0; StringBuilder sb=new StringBuilder();
        for (int i=0;i<n;i++){double r=(fl.get(i).deliveredBytes-d[i])*8/20e6; sum+=r; sq+=r*r; sb.append(String.format(" %.1f",r));}
        System.out.printf("%d flows q %.2f loss %.2f seed %d: Jain %.3f sum %.1f%s overflow %.4f queue %.1f ms%n", n, q, loss, seed, sum*sum/(n*sq), sum, sb, link.overflowDrops/(double)link.arrivals, link.queueNsSum/link.arrivals/1e6);
    }
    for (double loss: new double[]{0,.02,.05}) { // rpc then bulk
        Simulation sim = new Simulation();
        Bottleneck link = new Bottleneck(sim, 7, 100, BDP).randomLoss(loss);
        Flow f = new Flow(sim, link, 50*MS, 3);
        Random r=new Random(5);
        for (int i=0;i<30*200;i++) sim.at((long)(r.nextDouble()*30*SECOND), ()->f.offer(1));
        double rpc=rate(sim,f,30); long cw=f.bbr.congestionWindowBytes()/1250; double pace=f.bbr.pacingRateBytesPerSecond()*8/1e6; String ph=f.bbr.phaseName();
        sim.at(sim.nowNs(), f::startBulk);
        double b1=rate(sim,f,2), b2=rate(sim,f,8);
        f.stopBulk(); rate(sim,f,20); int ring=-1;
        sim.at(sim.nowNs(), f::startBulk);
        double c0=rate(sim,f,.1), c1=rate(sim,f,.4),c2=rate(sim,f,4);
        System.out.printf("rpc loss %.2f: %.2f Mbit/s cwnd %d pace %.1f %s; then bulk %.1f, %.1f; after idle 0.1s %.1f .4 %.1f 4 %.1f%n", loss, rpc, cw, pace, ph, b1, b2, c0,c1, c2);
    }
    for (double loss: new double[]{0,.02}) {
        Simulation sim = new Simulation();
        Bottleneck link = new Bottleneck(sim, 7, 100, BDP).randomLoss(loss);
        Flow f = new Flow(sim, link, 50*MS, 3);
        sim.at(0, f::startBulk); sim.runUntil(10*SECOND);
        link.setRate(25); System.out.printf("loss %.2f 100->25:", loss); for (int i=0;i<10;i++) System.out.printf(" %.1f(of %d)", rate(sim,f,1), link.overflowDrops);
        rate(sim,f,10);System.out.printf(" steady %.1f", rate(sim,f,10));
        link.setRate(100); System.out.printf(" ->100:"); for (int i=0;i<10;i++) System.out.printf(" %.1f", rate(sim,f,1));
        System.out.println();
    }
    for (long slot : new long[]{5,10,20,40}) for (double loss: new double[]{0,.02}) {
        Simulation sim = new Simulation();
        Bottleneck link = new Bottleneck(sim, 7, 100, BDP).randomLoss(loss);
        Flow f = new Flow(sim, link, 50*MS, 3); f.ackSlotNs=slot*MS;
        sim.at(0, f::startBulk); sim.runUntil(3*SECOND);
        report("acks every "+slot+" ms loss "+loss, link, f, rate(sim,f,12));
    }
  }
}
