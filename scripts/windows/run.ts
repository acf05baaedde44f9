// node scripts/windows/run.ts FILE [ARGS...]: runs a script under the Windows node.exe in Wine, and exits as it does.
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Activity, killWithVariable } from "../test/activity.ts";
import { generous, Patience } from "../test/patience.ts";
import { endWine, prepareTestBed, project, type TestBed } from "./prefix.ts";

export interface WineRun {
  code: number | null;
  /** Why it was ended; undefined when it ended of itself. */
  stuck: string | undefined;
  /** Wine's own server crashed: every process in the prefix has lost its operating system, and nothing is known of what they ran. */
  lostServer: boolean;
}

/** What of `stdout` and `stderr` came is given on while it comes; lines end in LF. */
export interface Output {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}

/** What Wine prints then. */
const SERVER_CRASHED = "wineserver crashed";

const LOOK_MS = 100;
const PATIENCE_LOOK_MS = 5_000;
/** Twice what a test file is given, so that the runner inside, which knows more, tells first. */
const limits = { idleMs: 2 * generous.idleMs, computedMs: 2 * generous.computedMs };

/**
 * Under Wine node.exe can't use pipes of Linux, so its output goes to files that are read while they grow. When it neither prints
 * nor computes any more, the whole prefix is ended.
 */
export async function runNode(bed: TestBed, args: readonly string[], output: Output): Promise<WineRun> {
  const folder = mkdtempSync(join(tmpdir(), "wctl-wine-"));
  const [stdout, stderr] = [new Growing(join(folder, "stdout")), new Growing(join(folder, "stderr"))];
  process.stdout.on("error", () => {}); // Whoever read us has gone; what runs in Wine still ends in order.
  const child = spawn("wine", [bed.node, ...args], {
    cwd: project,
    env: bed.env,
    stdio: ["ignore", stdout.fd, stderr.fd],
  });
  const prefix = `WINEPREFIX=${bed.env.WINEPREFIX}`;
  const activity = Activity.ofEnvironment(prefix);
  const patience = new Patience(limits);
  let lostServer = false;
  const seeStderr = (text: string): void => {
    output.stderr(text);
    if (lostServer || !text.includes(SERVER_CRASHED)) return;
    lostServer = true;
    killWithVariable(prefix); // Some of them wait for ever for its answer, and no server knows them any more.
    endWine(bed.env);
    child.kill("SIGKILL");
  };
  const show = (): void => {
    if (stdout.read(output.stdout) + stderr.read(seeStderr) > 0) patience.reported();
  };
  const look = setInterval(show, LOOK_MS);
  let stuck: string | undefined;
  const watch = setInterval(() => {
    stuck ??= patience.look(activity.look());
    if (stuck === undefined) return;
    endWine(bed.env);
    child.kill("SIGKILL");
  }, PATIENCE_LOOK_MS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    return { code, stuck, lostServer };
  } finally {
    clearInterval(look);
    clearInterval(watch);
    show();
    for (const file of [stdout, stderr]) file.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Growing {
  readonly fd: number;
  readonly #reader: number;
  readonly #decoder = new TextDecoder();
  #at = 0;

  constructor(path: string) {
    this.fd = openSync(path, "a");
    this.#reader = openSync(path, "r");
  }

  /** The number of bytes that have come. */
  read(give: (text: string) => void): number {
    const bytes = Buffer.alloc(64 * 1024);
    for (const before = this.#at; ; ) {
      const length = readSync(this.#reader, bytes, 0, bytes.length, this.#at);
      if (length === 0) return this.#at - before;
      this.#at += length;
      give(this.#decoder.decode(bytes.subarray(0, length), { stream: true }).replaceAll("\r\n", "\n"));
    }
  }

  close(): void {
    closeSync(this.fd);
    closeSync(this.#reader);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const bed = prepareTestBed();
  try {
    const { code, stuck } = await runNode(bed, process.argv.slice(2), {
      stdout: (text) => process.stdout.write(text),
      stderr: (text) => process.stderr.write(text),
    });
    if (stuck !== undefined) console.error(`windows: ended: ${stuck}`);
    process.exitCode = stuck === undefined ? (code ?? 1) : 124;
  } finally {
    endWine(bed.env);
  }
}
