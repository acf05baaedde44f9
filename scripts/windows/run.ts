// node scripts/windows/run.ts FILE [ARGS...]: runs a script under the Windows node.exe in Wine, and exits as it does.
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { endWine, prepareTestBed, project, type TestBed } from "./prefix.ts";

export interface WineRun {
  code: number | null;
  timedOut: boolean;
}

/** What of `stdout` and `stderr` came is given on while it comes; lines end in LF. */
export interface Output {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}

const LOOK_MS = 100;

/**
 * Under Wine node.exe can't use pipes of Linux, so its output goes to files that are read while they grow. After the timeout the
 * whole prefix is ended.
 */
export async function runNode(
  bed: TestBed,
  args: readonly string[],
  timeoutMs: number,
  output: Output,
): Promise<WineRun> {
  const folder = mkdtempSync(join(tmpdir(), "wctl-wine-"));
  const [stdout, stderr] = [new Growing(join(folder, "stdout")), new Growing(join(folder, "stderr"))];
  process.stdout.on("error", () => {}); // Whoever read us has gone; what runs in Wine still ends in order.
  const child = spawn("wine", [bed.node, ...args], {
    cwd: project,
    env: bed.env,
    stdio: ["ignore", stdout.fd, stderr.fd],
  });
  const show = (): void => {
    stdout.read(output.stdout);
    stderr.read(output.stderr);
  };
  const look = setInterval(show, LOOK_MS);
  let timedOut = false;
  const timeout = setTimeout(() => {
    timedOut = true;
    endWine(bed.env);
    child.kill("SIGKILL");
  }, timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    return { code, timedOut };
  } finally {
    clearInterval(look);
    clearTimeout(timeout);
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

  read(give: (text: string) => void): void {
    const bytes = Buffer.alloc(64 * 1024);
    for (;;) {
      const length = readSync(this.#reader, bytes, 0, bytes.length, this.#at);
      if (length === 0) return;
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
  const timeoutMs = Number(process.env.WINDOWS_TIMEOUT_MS ?? 120_000);
  try {
    const { code, timedOut } = await runNode(bed, process.argv.slice(2), timeoutMs, {
      stdout: (text) => process.stdout.write(text),
      stderr: (text) => process.stderr.write(text),
    });
    if (timedOut) console.error(`windows: ended after ${timeoutMs} ms`);
    process.exitCode = timedOut ? 124 : (code ?? 1);
  } finally {
    endWine(bed.env);
  }
}
