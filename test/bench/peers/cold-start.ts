import { withSupervisor } from "../bodies.ts";
import { type Cost, costOf } from "../cost-of-command.ts";
import { inTurn } from "../in-turn.ts";
import { cpuSecondsOfEnded } from "../process-cost.ts";
import { milliseconds } from "../result.ts";
import { untilQuiet } from "../until-quiet.ts";
import type { Peer } from "./peer.ts";
import { type Makers, type PeersScope, run } from "./peers-measure.ts";
import { type Row, row } from "./row.ts";

interface Start {
  ms: number;
  cpuMs: number;
  pssMiB: number;
  status: Cost[];
}

const STATUS_ROUNDS = 4;

const figures: [what: string, unit: string, value: (start: Start) => number[]][] = [
  ["cold start -> all running", "ms", ({ ms }) => [ms]],
  ["processor time from launch until quiet, whole", "ms", ({ cpuMs }) => [cpuMs]],
  ["memory (PSS) at once after the start", "MiB", ({ pssMiB }) => [pssMiB]],
  ["the state of all, command whole", "ms", ({ status }) => status.map(({ ms }) => ms)],
  ["its processor time", "ms", ({ status }) => status.map(({ cpuMs }) => cpuMs)],
];

/** A life of each: launch -> the last child's first instruction, processor time and memory when it is quiet, and what it takes to see the state of all. */
export async function coldStart(makers: Makers, { sizes, pairs }: PeersScope): Promise<Row[]> {
  const rows: Row[] = [];
  for (const n of sizes) {
    const starts = await inTurn(Object.keys(makers), pairs, async (who) => {
      const ended = cpuSecondsOfEnded(process.pid);
      return withSupervisor(makers[who]!(), { count: n }, (peer) => measureStart(peer, n, ended));
    });
    const each = (value: (start: Start) => number[]): Record<string, number[]> =>
      Object.fromEntries(Object.entries(starts).map(([who, all]) => [who, all.flatMap(value)]));
    rows.push(...figures.map(([what, unit, value]) => row(what, unit, n, each(value))));
  }
  return rows;
}

/** `ended` is what the commands of this process had used before the launch. */
async function measureStart(peer: Peer, n: number, ended: number): Promise<Start> {
  const ms = milliseconds(peer.ledger.entries.slice(0, n).at(-1)!.at - peer.launchedAt);
  await untilQuiet(peer);
  const cpuMs = (peer.wholeCpuSeconds() + cpuSecondsOfEnded(process.pid) - ended) * 1000;
  const pssMiB = peer.pssMiB();
  const status: Cost[] = [];
  const command = peer.status?.();
  for (let time = 0; command !== undefined && time < STATUS_ROUNDS; time += 1)
    status.push(await costOf(() => run(command)));
  return { ms, cpuMs, pssMiB, status };
}
