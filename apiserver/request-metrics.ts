/** What others have to say at `/metrics`; prom-client's Registry is one. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

interface Series {
  labels: string;
  count: number;
  /** Milliseconds. */
  sum: number;
  /** How many took at most the bound, by bound. */
  buckets: number[];
}

/** Seconds. */
const bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30];

/**
 * Counts requests by verb, resource and code. All three come from the Router and the catalogue of errors, never from text of the client,
 * so there are at most a few hundred series. Kept as plain numbers and written as text when asked, so that a daemon that nobody scrapes loads no
 * metrics library.
 */
export class RequestMetrics {
  readonly #finished = new Map<string, Series>();
  readonly #streams = new Map<string, number>();

  /** `ms` absent for streams: how long somebody watches is no latency. */
  count(verb: string, resource: string, code: number, ms?: number): void {
    const labels = `verb="${verb}",resource="${resource}",code="${code}"`;
    const series = this.#finished.get(labels) ?? { labels, count: 0, sum: 0, buckets: bounds.map(() => 0) };
    this.#finished.set(labels, series);
    series.count++;
    if (ms === undefined) return;
    series.sum += ms;
    for (const [index, bound] of bounds.entries()) if (ms <= bound * 1000) series.buckets[index]!++;
  }

  /** Watches and followed logs that are open now. */
  streams(resource: string, change: 1 | -1): void {
    this.#streams.set(resource, (this.#streams.get(resource) ?? 0) + change);
  }

  /** Prometheus' text format 0.0.4. */
  text(): string {
    const all = [...this.#finished.values()];
    const timed = all.filter((series) => series.sum > 0);
    return [
      "# HELP wctl_apiserver_requests_total Requests answered.",
      "# TYPE wctl_apiserver_requests_total counter",
      ...all.map(({ labels, count }) => `wctl_apiserver_requests_total{${labels}} ${count}`),
      "# HELP wctl_apiserver_request_duration_seconds Time to answer, without watches and followed logs.",
      "# TYPE wctl_apiserver_request_duration_seconds histogram",
      ...timed.flatMap(histogram),
      "# HELP wctl_apiserver_streams Watches and followed logs that are open.",
      "# TYPE wctl_apiserver_streams gauge",
      ...[...this.#streams].map(([resource, open]) => `wctl_apiserver_streams{resource="${resource}"} ${open}`),
      "",
    ].join("\n");
  }
}

function histogram({ labels, count, sum, buckets }: Series): string[] {
  const name = "wctl_apiserver_request_duration_seconds";
  return [
    ...bounds.map((bound, index) => `${name}_bucket{${labels},le="${bound}"} ${buckets[index]}`),
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${sum / 1000}`,
    `${name}_count{${labels}} ${count}`,
  ];
}
