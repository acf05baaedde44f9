import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Ledger } from "./ledger.ts";
import { cpuSeconds, cpuSecondsWithEnded, family, pssMiB } from "./process-cost.ts";

export interface Programs {
  /** The compiled child.c. */
  child: string;
  /** floor-node as JavaScript, so that it does not pay for its types at start-up. */
  floor: string;
  /** build/wctl. */
  wctl: string;
  /** Another build of it, to be measured in the same rounds. */
  before?: string;
}

export interface Load {
  count: number;
  /** Children listen on this port and the following ones, and are probed every ten seconds. */
  firstPort?: number;
  /** Instead of `pause`. */
  args?: string[];
  /** Instead of none: the bench measures wctl, not its patience. */
  backoff?: { initialSeconds: number; maxSeconds: number; resetAfterSeconds: number };
}

/** Those that run now: a bench that is interrupted leaves none behind. */
const running = new Set<Supervisor>();

export function stopAllOnSignal(): void {
  const stopAll = async (): Promise<void> => {
    await Promise.allSettled(Array.from(running, (supervisor) => supervisor.stop()));
    process.exit(1);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void stopAll());
}

/** A supervisor with its children, and the ledger they write. */
export abstract class Supervisor {
  readonly directory = mkdtempSync(join(tmpdir(), "wctl-bench-"));
  readonly ledger: Ledger;
  readonly child: string;
  protected process: ChildProcess | undefined;
  launchedAt = 0n;

  constructor({ child }: Programs) {
    // The children may be another user's.
    mkdirSync(join(this.directory, "open"), { mode: 0o755 });
    chmodSync(this.directory, 0o755);
    this.ledger = new Ledger(join(this.directory, "open/ledger"));
    this.child = child;
    running.add(this);
  }

  get pid(): number {
    return this.process!.pid!;
  }

  /** Launches it and resolves when every child has been started. `launchedAt` is the moment before the launch. */
  async start(load: Load): Promise<void> {
    this.prepare(load);
    this.launchedAt = process.hrtime.bigint();
    const supervisor = this.launch(load);
    this.process = supervisor;
    const gone = once(supervisor, "exit").then(([code, signal]) => {
      if (code === 0 && !this.staysInForeground) return new Promise(() => {});
      throw new Error(`the supervisor ended with ${code ?? signal} before its children were started`);
    });
    await Promise.race([gone, this.ledger.next(0, load.count, 20_000 + 40 * load.count)]);
    gone.catch(() => {});
  }

  cpuSeconds(): number {
    return sum(this.family(), cpuSeconds);
  }

  /** The same with the workloads. These do nothing themselves, and what a supervisor does between fork and exec is theirs. */
  wholeCpuSeconds(): number {
    return sum(
      family(this.pid, () => false),
      cpuSecondsWithEnded,
    );
  }

  pssMiB(): number {
    return sum(this.family(), pssMiB);
  }

  async stop(): Promise<void> {
    if (!running.delete(this)) return; // A signal stops all, and then its measure fails and stops it too.
    const supervisor = this.process;
    if (supervisor && supervisor.exitCode === null && supervisor.signalCode === null) {
      const helpers = this.family();
      const ended = once(supervisor, "exit");
      this.end(supervisor);
      await ended;
      await untilGone(helpers); // They still write to the folder.
    }
    for (const pid of this.ledger.pids().values()) if (isRunning(pid, this.child)) process.kill(pid, "SIGKILL");
    this.ledger.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Or else what is launched ends well as soon as the supervisor runs. */
  protected readonly staysInForeground: boolean = true;
  protected abstract prepare(load: Load): void;
  protected abstract launch(load: Load): ChildProcess;
  protected abstract end(supervisor: ChildProcess): void;

  /** The supervisor and what it has started, workloads aside. */
  protected family(): number[] {
    return family(this.pid, (command) => command === this.child);
  }
}

function isRunning(pid: number, program: string): boolean {
  try {
    // The suffix is the kernel's: another bench has compiled the file anew.
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, "") === program;
  } catch {
    return false;
  }
}

/** What does not end by itself in a while is killed. */
async function untilGone(pids: number[]): Promise<void> {
  const deadline = performance.now() + 10_000;
  let living = pids;
  while (living.length > 0) {
    await pause(20);
    living = living.filter(isThere);
    if (performance.now() > deadline) for (const pid of living) process.kill(pid, "SIGKILL");
  }
}

function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const sum = (pids: number[], cost: (pid: number) => number): number =>
  pids.reduce((total, pid) => total + cost(pid), 0);
