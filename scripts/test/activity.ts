import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Look } from "./patience.ts";

/** Linux counts processor time in hundredths of a second for programs (USER_HZ). */
const TICK_MS = 10;

/** Since the processes began, milliseconds of the processor: what they had of it, and how long they were ready and had none. */
interface Work {
  computedMs: number;
  waitedMs: number;
  /** At least one of them is waiting for a disk. */
  isInDisk: boolean;
}

/** Measures, at each look, how much processor time some processes used since the look before. */
export class Activity {
  readonly #measure: () => Work;
  #last: Work;
  #at = performance.now();

  private constructor(measure: () => Work) {
    this.#measure = measure;
    this.#last = measure();
  }

  /** Of a process and all below it. Where nothing tells of single processes, it may have waited for all that the machine computes. */
  static ofTree(root: number): Activity {
    return new Activity(process.platform === "linux" ? () => total(tree(root)) : workOfMachine);
  }

  /** Of every process that has this in its environment, whoever started it. Linux only. */
  static ofEnvironment(variable: string): Activity {
    return new Activity(() => total(withVariable(variable)));
  }

  /** What happened since the last look. */
  look(): Look {
    const [now, at] = [this.#measure(), performance.now()];
    const elapsedMs = at - this.#at;
    // What processes that have gone had done is missing from the newer sum, unless their parent has waited for them.
    const computedMs = Math.max(0, now.computedMs - this.#last.computedMs);
    const waitedMs = now.isInDisk ? elapsedMs : Math.max(0, now.waitedMs - this.#last.waitedMs);
    [this.#last, this.#at] = [now, at];
    return { elapsedMs, computedMs, waitedMs };
  }
}

/** Of this process, milliseconds; on Linux with those of its children that have ended and were waited for. */
export function processorMs(): number {
  if (process.platform === "linux") return processLine("self")?.computedMs ?? 0;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Kills every process that has this in its environment, whoever started it. Linux only. */
export function killWithVariable(variable: string): void {
  for (const { pid } of withVariable(variable)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}

/** Kills a process and all below it. */
export function killTree(root: number): void {
  const pids = process.platform === "linux" ? tree(root).map(({ pid }) => pid) : [root];
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

interface ProcessLine {
  pid: number;
  parent: number;
  state: string;
  /** Its own, and that of its children that have ended. */
  computedMs: number;
}

function tree(root: number): ProcessLine[] {
  const all = processes();
  const below = new Set([root]);
  for (let size = 0; size !== below.size; ) {
    size = below.size;
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
  }
  return all.filter(({ pid }) => below.has(pid));
}

function processes(): ProcessLine[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (processLine(name) ?? []) : []));
}

/** proc_pid_stat(5): the name may hold anything, so fields are counted from its last parenthesis; the state is the third. Undefined when it has gone. */
function processLine(name: string): ProcessLine | undefined {
  const stat = read(`/proc/${name}/stat`);
  if (stat === "") return undefined;
  const [state = "", parent, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(9, 13).reduce((sum, field) => sum + Number(field), 0); // utime, stime, cutime, cstime
  return { pid: Number.parseInt(stat, 10), parent: Number(parent), state, computedMs: ticks * TICK_MS };
}

function total(lines: readonly ProcessLine[]): Work {
  const sum = (of: (line: ProcessLine) => number): number => lines.reduce((all, line) => all + of(line), 0);
  return {
    computedMs: sum(({ computedMs }) => computedMs),
    waitedMs: sum(({ pid }) => runDelayMs(pid)),
    isInDisk: lines.some(({ state }) => state === "D"),
  };
}

/** The second number is nanoseconds on a run queue (Documentation/scheduler/sched-stats.rst); 0 where the kernel does not count it. */
const runDelayMs = (pid: number): number => Number(read(`/proc/${pid}/schedstat`).split(" ")[1] ?? 0) / 1e6;

const withVariable = (variable: string): ProcessLine[] =>
  processes().filter(({ pid }) => environmentOf(pid).includes(variable));

const environmentOf = (pid: number): string[] => read(`/proc/${pid}/environ`).split("\0");

function workOfMachine(): Work {
  const waitedMs = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys, 0);
  return { computedMs: 0, waitedMs, isInDisk: false };
}

/** Empty for a process that has gone, or is somebody else's. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
