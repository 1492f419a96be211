/** Pairs of upper bound in seconds (null: none) and cumulated count. */
type Histogram = readonly (readonly [number | null, number])[];

export interface Pod {
  readonly service: string;
  readonly pod: string;
  readonly answers: boolean;
  readonly tuning?: {
    readonly revision: number;
    readonly applied_at: string | null;
    readonly started_at: string | null;
    readonly rejected: { readonly [key: string]: string };
  };
  readonly values?: { readonly [name: string]: number };
  readonly histograms?: { readonly [name: string]: Histogram };
}

/** What `/api/v1/cluster` answers. */
export interface Reading {
  /** Whose clock `at_ms` is of: behind a load balancer the next answer may be another's. */
  readonly gateway: string;
  readonly at_ms: number;
  readonly pods: readonly Pod[];
}

/** Quantiles of less are one call's luck. */
const WINDOW = 10;

/** Counters of pods, read as rates; a pod that restarted or is new counts from its second reading. */
export class Readings {
  private readonly recent: Reading[] = [];

  /** False for a reading that was there already, as when another viewer asked just before. */
  add(reading: Reading): boolean {
    const before = this.recent.at(-1);
    if (before !== undefined && before.gateway !== reading.gateway) {
      this.recent.length = 0;
    } else if (before?.at_ms === reading.at_ms) {
      return false;
    }
    this.recent.push(reading);
    if (this.recent.length > WINDOW + 1) {
      this.recent.shift();
    }
    return true;
  }

  /** Per second, since the reading before, over all pods or those chosen. */
  rate(name: string, of: (pod: Pod) => boolean = () => true): number {
    const now = this.recent.at(-1);
    const before = this.recent.at(-2);
    if (now === undefined || before === undefined) {
      return NaN;
    }
    return (1000 * this.growth(name, before, now, of)) / (now.at_ms - before.at_ms);
  }

  /** Growth of one counter over the window by that of another. */
  ratio(part: readonly string[], minus: readonly string[], whole: string): number {
    const now = this.recent.at(-1);
    const first = this.recent[0];
    if (now === undefined || first === undefined || now === first) {
      return NaN;
    }
    const sum = (names: readonly string[]) =>
      names.reduce((total, each) => total + this.growth(each, first, now, () => true), 0);
    const all = this.growth(whole, first, now, () => true);
    return all > 0 ? Math.max(0, sum(part) - sum(minus)) / all : NaN;
  }

  /** Of all pods' latest readings. */
  sum(name: string): number {
    return (this.recent.at(-1)?.pods ?? []).reduce((total, pod) => total + (pod.values?.[name] ?? 0), 0);
  }

  /** In milliseconds, of what the window saw; NaN when it saw nothing. */
  quantile(name: string, q: number, of: (pod: Pod) => boolean = () => true): number {
    const counts = new Map<number, number>();
    const first = this.recent[0];
    const now = this.recent.at(-1);
    for (const pod of now?.pods.filter(of) ?? []) {
      const before = new Map(same(first, pod)?.histograms?.[name] ?? []);
      const after = pod.histograms?.[name] ?? [];
      const reset = after.some(([bound, count]) => count < (before.get(bound) ?? 0));
      if (before.size > 0 && !reset) {
        for (const [bound, count] of after) {
          const key = bound ?? Infinity;
          counts.set(key, (counts.get(key) ?? 0) + count - (before.get(bound) ?? 0));
        }
      }
    }
    return 1000 * interpolate([...counts].sort((a, b) => a[0] - b[0]), q);
  }

  private growth(name: string, before: Reading, now: Reading, of: (pod: Pod) => boolean): number {
    let total = 0;
    for (const pod of now.pods.filter(of)) {
      const after = pod.values?.[name];
      const earlier = same(before, pod)?.values?.[name];
      if (after !== undefined && earlier !== undefined && after >= earlier) {
        total += after - earlier;
      }
    }
    return total;
  }
}

function same(reading: Reading | undefined, pod: Pod): Pod | undefined {
  return reading?.pods.find((each) => each.service === pod.service && each.pod === pod.pod);
}

/** As Prometheus' histogram_quantile. */
function interpolate(buckets: readonly (readonly [number, number])[], q: number): number {
  const total = buckets.at(-1)?.[1] ?? 0;
  const rank = q * total;
  let below = 0;
  let from = 0;
  for (const [bound, count] of buckets) {
    if (total > 0 && count >= rank) {
      return bound === Infinity ? from : from + ((bound - from) * (rank - below)) / (count - below);
    }
    below = count;
    from = bound;
  }
  return NaN;
}
