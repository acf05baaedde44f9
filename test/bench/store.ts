/**
 * What the store costs on this disk, as JSON: writes per second and latency by number of concurrent writers, beside the bare price of one
 * fsync in the same run; listing and reopening 10,000 Objects; what a watcher costs. Run: `node test/bench/store.ts [folder]`.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { SqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store, Unstamped } from "../../store/store.ts";
import { bareFsyncs } from "./fsync.ts";

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "wctl-bench-"));
const file = join(folder, "store.db");
const options = { logger: silentLogger, clock: systemClock };
const OBJECTS = 10_000;

/** About 2 KiB of JSON, as an Instance is. */
function instance(name: string, turn: number): Unstamped {
  const env = Array.from({ length: 20 }, (_, at) => ({ name: `VARIABLE_${at}`, value: `the value of variable ${at}` }));
  const conditions = ["Ready", "Started", "Stalled"].map((type) => ({
    type,
    status: "True",
    reason: "AsDeclared",
    message: "it runs",
  }));
  const metadata = { name, namespace: "default", uid: `uid-${name}`, creationTimestamp: "2026-01-01T00:00:00Z" };
  const spec = { command: "/usr/bin/node", args: ["server.js"], env };
  return { apiVersion: "wctl.dev/v1", kind: "Instance", metadata, spec, status: { turn, conditions } } as Unstamped;
}

const pathOf = (at: number): string => `wctl.dev/instances/default/i${at}`;
const round = (value: number): number => Math.round(value * 1000) / 1000;

function percentiles(milliseconds: number[]): { p50Ms: number; p99Ms: number } {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function writers(
  store: Store & { statistics: { commits: number } },
  count: number,
  writes: number,
): Promise<unknown> {
  const commits = store.statistics.commits;
  const latencies: number[] = [];
  const began = performance.now();
  const one = async (writer: number): Promise<void> => {
    for (let turn = 0; turn < writes / count; turn++) {
      const found = store.get(pathOf(writer));
      const start = performance.now();
      if (found)
        await store.update(pathOf(writer), instance(`i${writer}`, turn), Number(found.metadata.resourceVersion));
      else await store.create(pathOf(writer), instance(`i${writer}`, turn));
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: count }, (_, writer) => one(writer)));
  const seconds = (performance.now() - began) / 1000;
  return {
    writers: count,
    writesPerSecond: Math.round(latencies.length / seconds),
    writesPerCommit: round(latencies.length / (store.statistics.commits - commits)),
    ...percentiles(latencies),
  };
}

function timed<T>(work: () => T, times: number): number {
  const began = performance.now();
  for (let turn = 0; turn < times; turn++) work();
  return round((performance.now() - began) / times);
}

async function main(): Promise<unknown> {
  const fsync = percentiles(bareFsyncs(folder));
  const memory = await writers(await MemoryStore.open(options), 100, 20_000);
  let began = performance.now();
  let store = await SqliteStore.open({ file, ...options });
  const openNewMs = round(performance.now() - began);
  const sqlite = [];
  for (const [count, writes] of [
    [1, 1_000],
    [10, 5_000],
    [100, 20_000],
  ] as const)
    sqlite.push(await writers(store, count, writes));
  await Promise.all(
    Array.from({ length: OBJECTS - 100 }, (_, at) => store.create(pathOf(at + 100), instance(`i${at + 100}`, 0))),
  );
  const list1000Ms = timed(() => store.list("wctl.dev/instances/", { limit: 1_000 }), 100);
  const listAllMs = timed(() => store.list("wctl.dev/instances/"), 20);
  const stop = new AbortController();
  for (let at = 0; at < 100; at++) store.watch("wctl.dev/processes/", { signal: stop.signal });
  const beside100QuietWatchers = await writers(store, 100, 20_000);
  stop.abort();
  await store.close();
  began = performance.now();
  store = await SqliteStore.open({ file, ...options });
  const reopenMs = round(performance.now() - began);
  await store.close();
  const fileMiB = round(statSync(file).size / 2 ** 20);
  return {
    fsync,
    memory,
    openNewMs,
    sqlite,
    beside100QuietWatchers,
    objects: OBJECTS,
    list1000Ms,
    listAllMs,
    reopenMs,
    fileMiB,
  };
}

try {
  console.log(JSON.stringify(await main(), null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
