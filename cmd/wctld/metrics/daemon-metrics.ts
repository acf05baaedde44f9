import type { Counter, Registry } from "prom-client";
import type { ControllerMetrics, ControllerStatistics } from "../../../machinery/controller.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { JournaledStore } from "../../../store/journaled-store.ts";

/** Seconds; the daemon means to reconcile within milliseconds. */
const bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30];

interface Series {
  outcomes: Map<string, number>;
  /** How many took at most the bound, by bound. */
  within: number[];
  seconds: number;
  count: number;
  now: () => ControllerStatistics;
}

/** Of the store, what can be seen. */
type Observed = Pick<JournaledStore, "revision" | "health" | "statistics">;

/**
 * What `/metrics` says beyond requests. Counted as plain numbers and written as text when asked; prom-client, for what it knows of
 * Node's own process, is loaded at the first scrape, so a daemon that nobody scrapes does not hold it.
 */
export class DaemonMetrics implements ControllerMetrics {
  readonly #controllers = new Map<string, Series>();
  readonly #runtime: Runtime;
  readonly #store: Observed;
  #remembered: () => Record<string, number> = () => ({});
  #process: Promise<{ contentType: string; metrics(): Promise<string> }> | undefined;

  constructor(options: { runtime: Runtime; store: Observed }) {
    this.#runtime = options.runtime;
    this.#store = options.store;
  }

  register(controller: string, now: () => ControllerStatistics): void {
    const series = { outcomes: new Map(), within: bounds.map(() => 0), seconds: 0, count: 0, now };
    this.#controllers.set(controller, series);
  }

  reconciled(controller: string, outcome: string, seconds: number): void {
    const series = this.#controllers.get(controller);
    if (!series) return;
    series.outcomes.set(outcome, (series.outcomes.get(outcome) ?? 0) + 1);
    series.seconds += seconds;
    series.count += 1;
    for (const [index, bound] of bounds.entries()) if (seconds <= bound) series.within[index]! += 1;
  }

  /** What the agent holds in memory, by what it is. */
  remembers(counts: () => Record<string, number>): void {
    this.#remembered = counts;
  }

  async source(): Promise<{ contentType: string; metrics(): Promise<string> }> {
    this.#process ??= processMetrics();
    const process = await this.#process;
    return { contentType: process.contentType, metrics: async () => `${await process.metrics()}\n${this.#text()}` };
  }

  #queues(): string[] {
    const each = Array.from(this.#controllers, ([name, { now }]) => [`{controller="${name}"}`, now()] as const);
    return gauges.flatMap(([name, type, help, value]) =>
      family(
        name,
        type,
        help,
        each.map(([labels, now]) => [labels, value(now)]),
      ),
    );
  }

  /** Prometheus' text format 0.0.4. */
  #text(): string {
    const phases = new Map<string, number>();
    for (const { phase } of this.#runtime.list()) phases.set(phase, (phases.get(phase) ?? 0) + 1);
    const each = [...this.#controllers];
    return [
      ...family("wctl_store_revision", "gauge", "Last durable revision.", [["", this.#store.revision]]),
      ...family("wctl_store_healthy", "gauge", "1 while writes are accepted.", [["", this.#store.health.ok ? 1 : 0]]),
      ...family("wctl_store_history_bytes", "gauge", "JSON of the changes that watches can go back over.", [
        ["", this.#store.statistics.historyBytes],
      ]),
      ...family(
        "wctl_workloads",
        "gauge",
        "Instances that the runtime knows.",
        [...phases].map(([phase, n]) => [`{phase="${phase}"}`, n]),
      ),
      ...family(
        "wctl_agent_remembered",
        "gauge",
        "Instances that the agent remembers something of.",
        Object.entries(this.#remembered()).map(([what, n]) => [`{what="${what}"}`, n]),
      ),
      ...family(
        "wctl_reconciles_total",
        "counter",
        "Reconciles by outcome.",
        each.flatMap(([name, { outcomes }]) =>
          [...outcomes].map(([outcome, n]): [string, number] => [`{controller="${name}",outcome="${outcome}"}`, n]),
        ),
      ),
      ...this.#queues(),
      "# HELP wctl_reconcile_seconds Time of one reconcile.",
      "# TYPE wctl_reconcile_seconds histogram",
      ...each.flatMap(([name, series]) => histogram(`controller="${name}"`, series)),
      "",
    ].join("\n");
  }
}

/** The figures of each controller and its queue as they are now; the names are those of client-go and controller-runtime, in seconds. */
const gauges: [name: string, type: string, help: string, value: (now: ControllerStatistics) => number][] = [
  ["wctl_queue_depth", "gauge", "Keys waiting to be reconciled.", ({ depth }) => depth],
  ["wctl_queue_adds_total", "counter", "Keys added to the queue.", ({ adds }) => adds],
  ["wctl_queue_retries_total", "counter", "Keys added again after a failure.", ({ retries }) => retries],
  ["wctl_queue_wait_seconds_total", "counter", "Time that keys waited in the queue.", (now) => now.waitedMs / 1000],
  ["wctl_queue_taken_total", "counter", "Keys that left the queue.", ({ taken }) => taken],
  ["wctl_active_workers", "gauge", "Reconciles under way.", ({ active }) => active],
  ["wctl_max_concurrent_reconciles", "gauge", "Reconciles that may be under way at once.", (now) => now.concurrency],
  [
    "wctl_unfinished_work_seconds",
    "gauge",
    "Time that the reconciles under way have taken together.",
    (now) => now.unfinishedMs / 1000,
  ],
  [
    "wctl_longest_running_reconcile_seconds",
    "gauge",
    "Time that the longest reconcile under way has taken: it grows while one is stuck.",
    (now) => now.longestRunningMs / 1000,
  ],
];

async function processMetrics() {
  const { Registry, collectDefaultMetrics } = await import("prom-client");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1000 });
  countFromTheStart(registry);
  return registry;
}

/** Its counters of CPU time begin when prom-client is loaded; they are documented to count from the start of the process. */
function countFromTheStart(registry: Registry): void {
  const { user, system } = process.cpuUsage();
  const spent = { user, system, total: user + system };
  const names = { user: "process_cpu_user_", system: "process_cpu_system_", total: "process_cpu_" } as const;
  for (const kind of ["user", "system", "total"] as const) {
    (registry.getSingleMetric(`${names[kind]}seconds_total`) as Counter | undefined)?.inc(spent[kind] / 1e6);
  }
}

const family = (
  name: string,
  type: string,
  help: string,
  samples: readonly (readonly [string, number])[],
): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
];

const histogram = (labels: string, { within, seconds, count }: Series): string[] => [
  ...bounds.map((bound, index) => `wctl_reconcile_seconds_bucket{${labels},le="${bound}"} ${within[index]}`),
  `wctl_reconcile_seconds_bucket{${labels},le="+Inf"} ${count}`,
  `wctl_reconcile_seconds_sum{${labels}} ${seconds}`,
  `wctl_reconcile_seconds_count{${labels}} ${count}`,
];
