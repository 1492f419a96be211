import { byId, element } from './dom.js';
import { Plot, type Series } from './plot.js';
import { Readings, type Pod, type Reading } from './readings.js';
import { Tokens } from './token.js';

const EVERY_MILLIS = 1000;
const POINTS = 180;

const tokens = new Tokens(byId('ask', HTMLDialogElement));
const state = byId('state', HTMLElement);
const readings = new Readings();
const history = new Map<string, number[]>();

const count = (value: number) => (value >= 100 || value === 0 ? Math.round(value).toLocaleString('en') : value.toFixed(1));
const millis = (value: number) => (value >= 100 ? `${Math.round(value)} ms` : `${value.toPrecision(2)} ms`);
const percent = (value: number) => `${value < 1 ? value.toFixed(2) : value.toFixed(1)} %`;

const isGateway = (pod: Pod) => pod.values?.['gateway_messages_total'] !== undefined;
const isService = (pod: Pod) => !isGateway(pod);

interface Line {
  readonly name: string;
  readonly value: () => number;
}

interface Figure {
  readonly id: string;
  readonly leastMax: number;
  readonly format: (value: number) => string;
  readonly lines: readonly Line[];
}

const FIGURES: readonly Figure[] = [
  {
    id: 'operations',
    leastMax: 10,
    format: (value) => `${count(value)}/s`,
    lines: [
      { name: 'durable', value: () => readings.rate('gateway_operation_duration_seconds_count') },
      { name: 'messages in', value: () => readings.rate('gateway_messages_total') },
    ],
  },
  {
    id: 'latency',
    leastMax: 10,
    format: millis,
    lines: [
      { name: 'p50', value: () => readings.quantile('gateway_operation_duration_seconds', 0.5) },
      { name: 'p99', value: () => readings.quantile('gateway_operation_duration_seconds', 0.99) },
    ],
  },
  {
    id: 'rtt',
    leastMax: 1,
    format: millis,
    lines: [
      { name: 'p50', value: () => readings.quantile('quantum_rtt_seconds', 0.5) },
      { name: 'p99', value: () => readings.quantile('quantum_rtt_seconds', 0.99) },
    ],
  },
  {
    id: 'loss',
    leastMax: 1,
    format: percent,
    lines: [
      {
        name: 'packets lost',
        value: () =>
          100 *
          readings.ratio(
            ['quantum_packets_lost_total'],
            ['quantum_spurious_losses_total'],
            'quantum_packets_sent_total',
          ),
      },
    ],
  },
  {
    id: 'repairs',
    leastMax: 5,
    format: (value) => `${count(value)}/s`,
    lines: [
      { name: 'rebuilt from parity', value: () => readings.rate('quantum_fec_recoveries_total') },
      { name: 'retransmitted', value: () => readings.rate('quantum_retransmissions_total') },
      { name: 'parity sent', value: () => readings.rate('quantum_fec_repairs_sent_total') },
    ],
  },
  {
    id: 'calls',
    leastMax: 10,
    format: millis,
    lines: [
      { name: 'REST p99', value: () => readings.quantile('app_request_duration_seconds', 0.99, isGateway) },
      { name: 'gRPC p99', value: () => readings.quantile('app_request_duration_seconds', 0.99, isService) },
    ],
  },
];

const plots = FIGURES.map((figure) => ({
  figure,
  plot: new Plot(byId(figure.id, HTMLElement), POINTS, figure.leastMax, figure.format),
}));

function remember(key: string, value: number): readonly number[] {
  const values = history.get(key) ?? [];
  history.set(key, values);
  values.push(value);
  if (values.length > POINTS) {
    values.shift();
  }
  return values;
}

function show(reading: Reading): void {
  for (const { figure, plot } of plots) {
    plot.show(
      figure.lines.map(
        (line, i): Series => ({
          name: line.name,
          color: `--plot-${i}`,
          values: remember(`${figure.id}/${line.name}`, line.value()),
        }),
      ),
    );
  }
  tile('tile-ops', last('operations/durable'), count);
  tile('tile-p99', last('latency/p99'), millis);
  tile('tile-rtt', last('rtt/p50'), millis);
  tile('tile-loss', last('loss/packets lost'), percent);
  tile('tile-fec', readings.sum('quantum_fec_recoveries_total'), count);
  tile('tile-sockets', readings.sum('app_active_sessions'), count);
  table(reading.pods);
}

function last(key: string): number {
  return history.get(key)?.at(-1) ?? NaN;
}

function tile(id: string, value: number, format: (value: number) => string): void {
  byId(id, HTMLElement).textContent = Number.isNaN(value) ? '–' : format(value);
}

/** The revision most pods run is the cluster's; who runs another stands out. */
function table(pods: readonly Pod[]): void {
  const revisions = new Map<number, number>();
  for (const pod of pods) {
    if (pod.tuning !== undefined) {
      revisions.set(pod.tuning.revision, (revisions.get(pod.tuning.revision) ?? 0) + 1);
    }
  }
  const [common] = [...revisions].sort((a, b) => b[1] - a[1]);
  byId('tuned', HTMLElement).textContent =
    common === undefined ? '' : `${common[1]} of ${pods.length} pods run revision ${common[0]}`;
  byId('pods', HTMLElement).replaceChildren(...pods.map((pod) => row(pod, common?.[0])));
}

function row(pod: Pod, common: number | undefined): HTMLElement {
  const made = document.createElement('tr');
  const rejected = Object.entries(pod.tuning?.rejected ?? {});
  const differs = pod.tuning?.revision !== common || rejected.length > 0;
  const revision = cell(pod.tuning === undefined ? 'none yet' : String(pod.tuning.revision), differs ? 'bad' : '');
  revision.title = rejected.map(([key, why]) => `${key}: ${why}`).join('\n');
  if (rejected.length > 0) {
    revision.append(` (${rejected.length} refused)`);
  }
  const rtt = readings.quantile('quantum_rtt_seconds', 0.99, (each) => each.pod === pod.pod);
  made.append(
    cell(pod.pod),
    revision,
    cell(ago(pod.tuning?.applied_at)),
    cell(ago(pod.tuning?.started_at)),
    cell(pod.values === undefined ? '–' : count(pod.values['quantum_connections'] ?? 0)),
    cell(Number.isNaN(rtt) ? '–' : millis(rtt)),
    cell(detail(pod)),
    cell(pod.answers ? 'answers' : 'silent', pod.answers ? 'good' : 'bad'),
  );
  return made;
}

function detail(pod: Pod): string {
  const shards = pod.values?.['statesync_shards_owned'];
  const sockets = pod.values?.['app_active_sessions'];
  if (shards !== undefined) {
    return `${count(shards)} shards`;
  }
  return sockets === undefined ? '' : `${count(sockets)} sockets`;
}

function cell(text: string, className = ''): HTMLElement {
  return element('td', className, text);
}

function ago(time: string | null | undefined): string {
  const seconds = (Date.now() - Date.parse(time ?? '')) / 1000;
  if (Number.isNaN(seconds)) {
    return '–';
  }
  const [value, unit] =
    seconds < 100 ? [seconds, 's'] : seconds < 6000 ? [seconds / 60, 'min'] : seconds < 172_800 ? [seconds / 3600, 'h'] : [seconds / 86_400, 'd'];
  return `${Math.max(0, Math.round(value))} ${unit} ago`;
}

async function look(): Promise<void> {
  const token = await tokens.get();
  const answer = await fetch('/api/v1/cluster', { headers: { Authorization: `Bearer ${token}` } });
  if (answer.status === 401 || answer.status === 403) {
    const { error } = (await answer.json()) as { error: { message: string } };
    await tokens.refused(`${error.message}.`);
    return;
  }
  if (!answer.ok) {
    throw new Error(`HTTP ${answer.status}`);
  }
  const reading = (await answer.json()) as Reading;
  if (readings.add(reading)) {
    show(reading);
  }
  pill('open', 'live');
}

function pill(kind: string, text: string): void {
  state.className = `pill ${kind}`;
  state.textContent = text;
}

async function loop(): Promise<void> {
  for (;;) {
    const begun = performance.now();
    // A page nobody sees asks nothing.
    if (document.visibilityState === 'visible') {
      await look().catch(() => pill('connecting', 'no answer'));
    }
    const left = EVERY_MILLIS - (performance.now() - begun);
    await new Promise((next) => setTimeout(next, Math.max(left, 100)));
  }
}

void loop();
