import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Activity, killTree } from "./activity.ts";
import { giveUp, type TestMessage } from "./messages.ts";
import { generous, type Limits, Patience } from "./patience.ts";

export interface FileResult {
  file: string;
  passed: number;
  /** By name, with why. */
  skipped: { name: string; reason: string }[];
  failures: { name: string; error: string }[];
  tests: { name: string; seconds: number }[];
  /** By the clock. */
  seconds: number;
  /** Of the processor, with what it started and waited for (Linux); 0 for a file that did not tell of all its tests. */
  processorSeconds: number;
  /** What it printed. */
  output: string;
}

export interface FileOptions {
  /** Names of tests that are left out. */
  skip?: readonly string[];
  limits?: Limits;
  /** Between two looks at what it does, milliseconds. */
  lookMs?: number;
}

const reporter = new URL("reporter.ts", import.meta.url).href;
const together = fileURLToPath(new URL("share-process.ts", import.meta.url));
/** What a test file's process loads first. Of hooks the newest is asked first: what is bundled need not be stripped. */
const preloads = ["strip-once.mjs", "bundled-workers.mjs"].map((name) => new URL(name, import.meta.url).href);

/** What a process that runs test files came to. */
export interface ProcessResult {
  results: FileResult[];
  /** It ended before these had begun. */
  notBegun: string[];
}

/** Runs a test file in a process of its own, until it ends or is stuck. */
export async function runFile(file: string, options: FileOptions = {}): Promise<FileResult> {
  const { results } = await runProcess([file], options);
  return results[0]!;
}

/** Runs test files one after another in one process, until it ends or is stuck. */
export async function runProcess(
  files: readonly string[],
  { skip = [], limits = generous, lookMs = 5_000 }: FileOptions = {},
): Promise<ProcessResult> {
  const imports = preloads.map((url) => `--import=${url}`);
  const options = [...imports, `--test-reporter=${reporter}`, "--test-reporter-destination=stdout"];
  const skips = skip.map((name) => `--test-skip-pattern=${name}`);
  const paths = files.map((file) => resolve(file));
  const child = begin([...options, ...skips, ...(paths.length > 1 ? [together] : []), ...paths]);
  const run = new TestProcess(files, child);
  const activity = Activity.ofTree(child.pid ?? 0);
  const patience = new Patience(limits);
  child.on("message", () => patience.reported());
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", () => patience.reported());
  const watch = setInterval(() => {
    const why = patience.look(activity.look());
    if (why === undefined) return;
    patience.reported(); // It gets the same time again to report its last results.
    run.giveUp(why);
  }, lookMs);
  try {
    return await run.ended;
  } finally {
    clearInterval(watch);
  }
}

const MOST_TRIES = 3;

/**
 * Wine's CreateProcess answers ERROR_INTERNAL_ERROR, `spawn UNKNOWN` in Node's words, when a process ended before it had loaded its image, as may happen
 * on a busy machine. Nothing of it has run, so it is begun again.
 */
function begin(args: readonly string[]): ChildProcess {
  for (let tries = 1; ; tries++) {
    try {
      return spawn(process.execPath, args, {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "UNKNOWN" || tries === MOST_TRIES) throw error;
    }
  }
}

class TestProcess {
  readonly ended: Promise<ProcessResult>;
  readonly #child: ChildProcess;
  readonly #files: readonly string[];
  readonly #results: FileResult[] = [];
  /** Of the file that runs now. */
  #result: FileResult;
  #began = performance.now();
  #processorMs = 0;
  readonly #running = new Set<string>();
  #isDone = false;
  #stuck: string | undefined;

  constructor(files: readonly string[], child: ChildProcess) {
    this.#child = child;
    this.#files = files;
    this.#result = nothingYet(files[0]!);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#result.output += text;
      });
    }
    child.on("message", (message) => this.#see(message as TestMessage));
    this.ended = this.#exit();
  }

  /** Not `close`: what a test left behind may hold the output open. What was printed before the end has come one turn later. */
  async #exit(): Promise<ProcessResult> {
    const child = this.#child;
    const [[code, signal]] = await Promise.all([once(child, "exit"), once(child, "disconnect")]);
    await setImmediate();
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    return this.#end(code, signal);
  }

  /** First its waits are ended, so that they tell what they waited for; when that did not help, all of it is killed. */
  giveUp(why: string): void {
    const running = [...this.#running].join(" > ") || "no test";
    if (this.#stuck === undefined)
      this.#child.send(giveUp, () => {}); // It may just have ended.
    else killTree(this.#child.pid ?? 0);
    this.#stuck = `stuck: ${why}; running: ${running}`;
    this.#result.output += `\n${this.#stuck}\n`;
  }

  #see(message: TestMessage): void {
    const result = this.#result;
    switch (message.type) {
      case "begun":
        this.#running.add(message.name);
        break;
      case "ended":
        this.#running.delete(message.name);
        this.#stuck = undefined;
        break;
      case "passed":
        result.passed += 1;
        result.tests.push({ name: message.name, seconds: message.ms / 1000 });
        break;
      case "skipped":
        result.skipped.push({ name: message.name, reason: message.reason });
        break;
      case "failed":
        result.failures.push({ name: message.name, error: message.error });
        break;
      case "holds":
        result.output += `\nits event loop holds: ${message.resources}\n`;
        break;
      case "next":
        this.#finish(message.processorMs);
        this.#result = nothingYet(this.#files[this.#results.length]!);
        break;
      case "done":
        this.#isDone = true;
        result.processorSeconds = (message.processorMs - this.#processorMs) / 1000;
    }
  }

  #finish(processorMs: number): void {
    const now = performance.now();
    this.#result.seconds = (now - this.#began) / 1000;
    this.#result.processorSeconds = (processorMs - this.#processorMs) / 1000;
    this.#results.push(this.#result);
    [this.#began, this.#processorMs] = [now, processorMs];
  }

  /** A file that did not tell of all its tests has failed, also when it says otherwise: it could not be loaded, died, or ended itself. */
  #end(code: number | null, signal: NodeJS.Signals | null): ProcessResult {
    const result = this.#result;
    result.seconds = (performance.now() - this.#began) / 1000;
    this.#results.push(result);
    const hasFailed = this.#results.some(({ failures }) => failures.length > 0);
    const isGood = this.#isDone && (code === 0 || hasFailed);
    if (!isGood && result.failures.length === 0) {
      const how = signal === null ? `exit code ${code}` : `${signal}`;
      const before = this.#isDone ? "" : " before all its tests had ended";
      const error = [`ended with ${how}${before}`, this.#stuck].filter((part) => part !== undefined).join("; ");
      result.failures.push({ name: "the file", error });
    }
    return { results: this.#results, notBegun: this.#files.slice(this.#results.length) };
  }
}

const nothingYet = (file: string): FileResult => ({
  file,
  passed: 0,
  skipped: [],
  failures: [],
  tests: [],
  seconds: 0,
  processorSeconds: 0,
  output: "",
});
