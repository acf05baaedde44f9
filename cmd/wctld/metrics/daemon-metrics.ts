import { setImmediate as nextTurn } from "node:timers/promises";
import type { Stored } from "../../../api/object.ts";
import type { Instance, Process } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import { wctlVersion } from "../../../lib/version.ts";
import type { ControllerMetrics, ControllerStatistics } from "../../../machinery/controller.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { JournaledStore } from "../../../store/journaled-store.ts";
import { and, counter, type Family, familyText, gauge, labels, type Sample } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import { instanceFamilies } from "./instance-families.ts";
import { nodeProcessMetrics } from "./node-process-metrics.ts";
import { ProbeCounts } from "./probe-counts.ts";
import { processFamilies } from "./process-families.ts";
import { RecentUsage } from "./recent-usage.ts";

interface Series {
  outcomes: Map<string, number>;
  durations: Histogram;
  now: () => ControllerStatistics;
}

/** Of the store, what can be seen. */
type ObservedStore = Pick<JournaledStore, "revision" | "health" | "statistics">;

/** What the agent can tell. */
interface Agent {
  instances(): readonly Stored<Instance>[];
  knows(uid: string): boolean;
  /** What it holds in memory, by what it is. */
  remembered(): Record<string, number>;
}

interface DaemonMetricsOptions {
  runtime: Pick<Runtime, "list" | "get" | "usage">;
  store: ObservedStore;
  clock: Clock;
}

/**
 * What `/metrics` says beyond requests. Counted as plain numbers and written as text when asked; prom-client, for what it knows of
 * Node's own process, is loaded at the first scrape, so a daemon that nobody scrapes does not hold it.
 */
export class DaemonMetrics implements ControllerMetrics {
  readonly probes = new ProbeCounts((uid) => this.#agent?.knows(uid) ?? true);
  readonly #controllers = new Map<string, Series>();
  readonly #options: DaemonMetricsOptions;
  readonly #usage: RecentUsage;
  #agent: Agent | undefined;
  #processes: () => readonly Stored<Process>[] = () => [];
  #node: Promise<{ contentType: string; metrics(): Promise<string> }> | undefined;

  constructor(options: DaemonMetricsOptions) {
    this.#options = options;
    this.#usage = new RecentUsage(options.runtime, options.clock);
  }

  register(controller: string, now: () => ControllerStatistics): void {
    this.#controllers.set(controller, { outcomes: new Map(), durations: new Histogram(), now });
  }

  reconciled(controller: string, outcome: string, seconds: number): void {
    const series = this.#controllers.get(controller);
    if (!series) return;
    series.outcomes.set(outcome, (series.outcomes.get(outcome) ?? 0) + 1);
    series.durations.observe(seconds);
  }

  /** Whom to ask for Instances, once there is an agent. */
  observeAgent(agent: Agent): void {
    this.#agent = agent;
  }

  /** Whom to ask for Processes, once they are known. */
  observeProcesses(list: () => readonly Stored<Process>[]): void {
    this.#processes = list;
  }

  async source(): Promise<{ contentType: string; metrics(): Promise<string> }> {
    this.#node ??= nodeProcessMetrics();
    const node = await this.#node;
    return { contentType: node.contentType, metrics: async () => `${await node.metrics()}\n${await this.#text()}` };
  }

  /** A family of a thousand Instances takes a millisecond; between two of them others have their turn. */
  async #text(): Promise<string> {
    const usage = await this.#usage.read();
    const parts: string[] = [];
    for (const family of this.#families(usage)) {
      parts.push(familyText(family));
      if (family.samples.length > MANY) await nextTurn();
    }
    return parts.join("");
  }

  *#families(usage: Awaited<ReturnType<RecentUsage["read"]>>): Generator<Family> {
    yield* this.#ownFamilies();
    yield* this.#controllerFamilies();
    yield* processFamilies(this.#processes());
    const instances = this.#agent?.instances() ?? [];
    yield* instanceFamilies({ instances, usage, probes: this.probes, now: this.#options.clock.wall() });
    yield this.probes.durations();
  }

  *#ownFamilies(): Generator<Family> {
    const { runtime, store } = this.#options;
    const phases = Map.groupBy(runtime.list(), ({ phase }) => phase);
    const remembered = Object.entries(this.#agent?.remembered() ?? {});
    yield gauge("wctl_build_info", "1, with the version of the daemon.", [
      { labels: labels({ version: wctlVersion }), value: 1 },
    ]);
    yield gauge("wctl_store_revision", "Last durable revision.", only(store.revision));
    yield gauge("wctl_store_healthy", "1 while writes are accepted.", only(store.health.ok ? 1 : 0));
    yield gauge(
      "wctl_store_history_bytes",
      "JSON of the changes that watches can go back over.",
      only(store.statistics.historyBytes),
    );
    yield gauge(
      "wctl_workloads",
      "Instances that the runtime knows.",
      [...phases].map(([phase, all]) => ({ labels: labels({ phase }), value: all.length })),
    );
    yield gauge(
      "wctl_agent_remembered",
      "Instances that the agent remembers something of.",
      remembered.map(([what, value]) => ({ labels: labels({ what }), value })),
    );
  }

  *#controllerFamilies(): Generator<Family> {
    const each = Array.from(this.#controllers, ([controller, series]) => ({ own: labels({ controller }), ...series }));
    yield counter(
      "wctl_reconciles_total",
      "Reconciles by outcome.",
      each.flatMap(({ own, outcomes }) =>
        Array.from(outcomes, ([outcome, value]) => ({ labels: and(own, "outcome", outcome), value })),
      ),
    );
    const now = each.map((series) => ({ own: series.own, figures: series.now() }));
    for (const [make, name, help, value] of figures)
      yield make(
        name,
        help,
        now.map(({ own, figures }) => ({ labels: own, value: value(figures) })),
      );
    yield {
      name: "wctl_reconcile_seconds",
      type: "histogram",
      help: "Time of one reconcile.",
      samples: each.flatMap(({ own, durations }) => durations.samples(own)),
    };
  }
}

/** Samples of one family that are worth a turn of their own. */
const MANY = 256;

const only = (value: number): Sample[] => [{ labels: "", value }];

/** The figures of each controller and its queue as they are now; the names are those of client-go and controller-runtime, in seconds. */
const figures: [make: typeof gauge, name: string, help: string, value: (now: ControllerStatistics) => number][] = [
  [gauge, "wctl_queue_depth", "Keys waiting to be reconciled.", ({ depth }) => depth],
  [counter, "wctl_queue_adds_total", "Keys added to the queue.", ({ adds }) => adds],
  [counter, "wctl_queue_retries_total", "Keys added again after a failure.", ({ retries }) => retries],
  [counter, "wctl_queue_wait_seconds_total", "Time that keys waited in the queue.", (now) => now.waitedMs / 1000],
  [counter, "wctl_queue_taken_total", "Keys that left the queue.", ({ taken }) => taken],
  [gauge, "wctl_active_workers", "Reconciles under way.", ({ active }) => active],
  [gauge, "wctl_max_concurrent_reconciles", "Reconciles that may be under way at once.", (now) => now.concurrency],
  [
    gauge,
    "wctl_unfinished_work_seconds",
    "Time that the reconciles under way have taken together.",
    (now) => now.unfinishedMs / 1000,
  ],
  [
    gauge,
    "wctl_longest_running_reconcile_seconds",
    "Time that the longest reconcile under way has taken: it grows while one is stuck.",
    (now) => now.longestRunningMs / 1000,
  ],
];
