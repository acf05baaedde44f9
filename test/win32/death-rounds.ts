import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { HttpClient } from "../../api/http/http-client.ts";
import { configMaps, instances, processes } from "../../api/scheme.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { HeldProcess } from "../../runtime/win32/process/held-process.ts";
import { eventually } from "../eventually.ts";
import { DaemonProcess } from "./daemon-process.ts";
import { living, livingOnce } from "./living.ts";
import { canTestify, witnessProcess } from "./witness.ts";

const MOVING_KEY = "default/moving";
/** How many copies it is asked to have, in turn. */
const COPIES = [3, 0, 1] as const;
/** The daemon dies within this time after the first write. */
const LATEST_DEATH_MS = 400;

export interface DeathToll {
  rounds: number;
  workloads: number;
  /** Workloads nobody touched that were not the process they had been: pid and time of creation. */
  changed: string[];
  /** Workloads that were not there after a round. */
  lost: string[];
  /** Instances of which more than one process was seen, and starts beyond the first of a workload nobody touched. */
  twice: string[];
  /** Writes that the daemon had answered and that were not there afterwards. */
  writesLost: string[];
  writesAcknowledged: number;
}

/**
 * TerminateProcess on the daemon, in each round a little later and at a random moment, so that no two are alike, while objects are written and one process is scaled up and down beside `workloads`
 * that nobody touches. What lives is the operating system's word, starts are the workloads' own.
 */
export async function deathRounds(options: {
  program: string;
  folder: string;
  workloads: number;
  rounds: number;
  random: () => number;
}): Promise<DeathToll> {
  const { program, folder, workloads, rounds, random } = options;
  const ledger = join(folder, "ledger");
  writeFileSync(ledger, "");
  const daemon = new DaemonProcess(program, folder);
  const toll: DeathToll = {
    rounds,
    workloads,
    changed: [],
    lost: [],
    twice: [],
    writesLost: [],
    writesAcknowledged: 0,
  };
  try {
    await daemon.start();
    await daemon.client.create(processes, witnessProcess("steady", ledger, workloads));
    await daemon.client.create(processes, witnessProcess("moving", ledger, 0));
    const known = await settled(daemon.client, workloads);
    const first = identities(daemon.dataDir);
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const writing = write(daemon.client, round, acknowledged);
      await pause(((round + random()) / rounds) * LATEST_DEATH_MS); // The moment is the experiment, not the oracle.
      await daemon.kill();
      await writing;
      count(toll, round, first, await livingNow(daemon.dataDir, toll, round), known);
      await daemon.start();
      const kept = new Set((await daemon.client.list(configMaps)).items.map(({ metadata }) => metadata.name));
      toll.writesLost.push(...acknowledged.filter((name) => !kept.has(name)));
      await settled(daemon.client, workloads);
      count(toll, round, first, await livingNow(daemon.dataDir, toll, round), known);
    }
    toll.writesAcknowledged = acknowledged.length;
    if (canTestify) {
      const starts = readFileSync(ledger, "utf8")
        .split("\n")
        .filter((line) => line.includes(" steady "));
      if (starts.length !== workloads) toll.twice.push(`${starts.length} starts of ${workloads} steady workloads`);
    }
    return toll;
  } finally {
    await daemon.kill();
    for (const pid of [...living(daemon.dataDir).values()].flat()) process.kill(pid, "SIGKILL");
  }
}

/** As many writes as are answered before the daemon is gone; in between, one process is asked for another number of copies. */
async function write(client: HttpClient, round: number, acknowledged: string[]): Promise<void> {
  try {
    for (let n = 0; ; n++) {
      const name = `kept-${round}-${n}`;
      await client.create(configMaps, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace: "default" },
        data: { round: String(round) },
      });
      acknowledged.push(name);
      const replicas = COPIES[n % COPIES.length]!;
      if (n % 4 === 1) await client.patch(processes, MOVING_KEY, { type: "merge", body: { spec: { replicas } } });
    }
  } catch {
    // The daemon has gone: what was not answered may be there or not.
  }
}

/** Resolves with the uids of the steady instances when every process has as many ready copies as it is wanted to have, and none besides. */
async function settled(client: HttpClient, workloads: number): Promise<Set<string>> {
  return eventually(async () => {
    const { items } = await client.list(instances);
    const { spec } = await client.get(processes, MOVING_KEY);
    const isAsWanted =
      items.length === workloads + (spec.replicas ?? 0) &&
      items.every(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.ready === true);
    if (!isAsWanted) return undefined;
    const steady = items.filter(({ metadata }) => metadata.name.startsWith("steady-"));
    return new Set(steady.map(({ metadata }) => metadata.uid));
  }, "every process has as many ready copies as it is wanted to have");
}

/** Uid -> pid and time of creation. */
function identities(dataDir: string): Map<string, string> {
  return new Map([...living(dataDir)].map(([uid, pids]) => [uid, identityOf(pids)]));
}

function identityOf(pids: readonly number[]): string {
  return pids
    .map((pid) => {
      const held = HeldProcess.open(loadWinapi(), pid);
      held?.close();
      return `${pid} ${held?.creationTime}`;
    })
    .join(" and ");
}

/** What lives, after consoles that were being created have got their names. */
async function livingNow(dataDir: string, toll: DeathToll, round: number): Promise<Map<string, string>> {
  try {
    await livingOnce(dataDir);
  } catch (error) {
    toll.twice.push(`round ${round}: ${(error as Error).message}`);
  }
  return identities(dataDir);
}

function count(
  toll: DeathToll,
  round: number,
  first: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  steady: ReadonlySet<string>,
): void {
  for (const uid of steady) {
    const identity = now.get(uid);
    if (identity === undefined) toll.lost.push(`round ${round}: ${uid}`);
    else if (identity !== first.get(uid))
      toll.changed.push(`round ${round}: ${uid} was ${first.get(uid)}, is ${identity}`);
  }
}
