import type { Counter, Registry } from "prom-client";

/** What prom-client tells of Node and its process. */
export async function nodeProcessMetrics(): Promise<Registry> {
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
